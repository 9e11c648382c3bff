package columnar

import (
	"math"
	"math/big"
	"strconv"
)

// powers of ten that float64 holds exactly.
var powers = func() (p [23]float64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// Decimal returns the number unscaled / 10^scale, correctly rounded.
func Decimal(unscaled int64, scale int32) float64 {
	const exact = 1 << 53
	if unscaled >= -exact && unscaled <= exact && scale >= 0 && int(scale) < len(powers) {
		return float64(unscaled) / powers[scale] // of two exact numbers: rounded once
	}
	return parse(strconv.FormatInt(unscaled, 10), scale)
}

// BigDecimal is Decimal of an unscaled number in two's complement, most significant
// byte first.
func BigDecimal(unscaled []byte, scale int32) float64 {
	for len(unscaled) > 8 && (unscaled[0] == 0 && unscaled[1] < 0x80 || unscaled[0] == 0xff && unscaled[1] >= 0x80) {
		unscaled = unscaled[1:]
	}
	if len(unscaled) <= 8 {
		var v int64
		if len(unscaled) > 0 && unscaled[0] >= 0x80 {
			v = -1
		}
		for _, b := range unscaled {
			v = v<<8 | int64(b)
		}
		return Decimal(v, scale)
	}
	v := new(big.Int).SetBytes(unscaled)
	if unscaled[0] >= 0x80 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(unscaled))))
	}
	return parse(v.String(), scale)
}

func parse(digits string, scale int32) float64 {
	v, err := strconv.ParseFloat(digits+"e"+strconv.FormatInt(-int64(scale), 10), 64)
	if err != nil && !math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}
