package dataset

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Decimal is a number in decimal notation, ±Digits × 10^Exponent.
type Decimal struct {
	Digits   uint64
	Exponent int32
	Negative bool
}

// ScanDecimal reads the number that b begins with and returns how many bytes it
// takes. That is 0 if b begins with none, or with one that no Decimal holds: words,
// more than 19 digits, a vast exponent. It is faster where b is longer than any
// number.
func ScanDecimal(b []byte) (d Decimal, n int) {
	if len(b) < 32 {
		return scanDecimal(b)
	}
	d.Negative = b[0] == '-'
	if d.Negative { // compiles to no branch, which could not be predicted
		n = 1
	}
	if c := b[n] - '0'; c < 10 && b[n+1] == '.' {
		d.Digits = uint64(c)
		n++
	} else {
		m, k := eight(binary.LittleEndian.Uint64(b[n:]))
		if k == 0 || k == 8 {
			return scanDecimal(b)
		}
		d.Digits = m
		n += k
	}
	if b[n] == '.' {
		m, k := eight(binary.LittleEndian.Uint64(b[n+1:]))
		d.Digits = d.Digits*tens[k&15] + m
		n += 1 + k
		if k == 8 {
			more, ok := 0, false
			if d.Digits, more, ok = appendDigits(d.Digits, b[n:]); !ok {
				return Decimal{}, 0
			}
			k += more
			n += more
		}
		d.Exponent = -int32(k)
	}
	if n == len(b) || b[n]|0x20 != 'e' {
		return d, n
	}
	return d.scaled(b, n)
}

// scanDecimal is ScanDecimal for any number, however short b is.
func scanDecimal(b []byte) (d Decimal, n int) {
	if len(b) == 0 {
		return Decimal{}, 0
	}
	d.Negative = b[0] == '-'
	if b[0] == '-' || b[0] == '+' {
		n = 1
	}
	m, whole, ok := appendDigits(0, b[n:])
	n += whole
	fraction := 0
	if ok && n < len(b) && b[n] == '.' {
		n++
		m, fraction, ok = appendDigits(m, b[n:])
		n += fraction
	}
	if !ok || whole+fraction == 0 {
		return Decimal{}, 0
	}
	d.Digits, d.Exponent = m, int32(-fraction)
	if n == len(b) || b[n]|0x20 != 'e' {
		return d, n
	}
	return d.scaled(b, n)
}

// scaled adds the exponent to a number that goes on with e at b[n].
func (d Decimal) scaled(b []byte, n int) (Decimal, int) {
	e, length := scanExponent(b[n+1:])
	if length == 0 {
		return Decimal{}, 0
	}
	d.Exponent += int32(e)
	return d, n + 1 + length
}

// scanExponent reads a signed exponent of up to four digits; length is 0 if b
// begins with none.
func scanExponent(b []byte) (e, length int) {
	i := 0
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		i++
	}
	first := i
	for ; i < len(b) && isDigit(b[i]); i++ {
		if e = 10*e + int(b[i]-'0'); e > 9999 {
			return 0, 0
		}
	}
	switch {
	case i == first:
		return 0, 0
	case negative:
		return -e, i
	}
	return e, i
}

// appendDigits appends the digits that b begins with to m, and returns how many
// there are. It is not ok if they do not fit.
func appendDigits(m uint64, b []byte) (_ uint64, n int, ok bool) {
	for k := 8; k == 8; n += k {
		var v uint64
		if len(b)-n >= 8 {
			v, k = eight(binary.LittleEndian.Uint64(b[n:]))
		} else {
			var last [8]byte
			copy(last[:], b[n:])
			v, k = eight(binary.LittleEndian.Uint64(last[:]))
		}
		high, low := bits.Mul64(m, tens[k&15])
		if m = low + v; high != 0 || m < low {
			return 0, n, false
		}
	}
	return m, n, true
}

// eight returns the number that the leading digits of eight characters make, the
// first of them in the lowest byte, and how many there are.
func eight(chars uint64) (v uint64, n int) {
	const ones = 0x0101010101010101
	v = chars ^ '0'*ones
	n = bits.TrailingZeros64((v+(0x7f-9)*ones|v)&(0x80*ones)) / 8 // bytes above 9: carries only reach later ones
	v <<= uint(64-8*n) & 127                                      // zeros come before the digits
	v = (v * (1 + 10<<8)) >> 8 & 0x00ff00ff00ff00ff
	v = (v * (1 + 100<<16)) >> 16 & 0x0000ffff0000ffff
	return v * (1 + 10000<<32) >> 32, n
}

func isDigit(c byte) bool { return c-'0' < 10 }

// tens are the powers of ten that a uint64 holds.
var tens = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// Powers of ten that floating-point numbers hold exactly.
var (
	tens64 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}
	tens32 = [...]float32{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10}
)

// Float64 returns the nearest float64. It is not ok for large exponents, which take
// another way.
func (d Decimal) Float64() (v float64, ok bool) {
	switch e := int(d.Exponent); {
	case d.Digits >= 1<<53:
		var mantissa uint64
		if mantissa, e, ok = d.binary(53); !ok {
			return 0, false
		}
		v = math.Float64frombits(uint64(e+1023+52)<<52 | mantissa&(1<<52-1))
	case e < 0 && -e < len(tens64): // one operation on exact numbers rounds once (Clinger 1990)
		v = float64(d.Digits) / tens64[-e]
	case e >= 0 && e < len(tens64):
		v = float64(d.Digits) * tens64[e]
	default:
		return 0, false
	}
	return math.Float64frombits(math.Float64bits(v) | d.sign()<<63), true
}

// Float32 returns the nearest float32. It is not ok for large exponents, which take
// another way.
func (d Decimal) Float32() (v float32, ok bool) {
	e := -int(d.Exponent)
	switch {
	case d.Digits < 1<<24 && uint(e) < uint(len(tens32)):
		v = float32(d.Digits) / tens32[e]
	case d.Digits < 1<<63 && uint(e) < uint(len(tens64)):
		// Two roundings leave an error of less than two units of float64. It does not
		// matter unless the value is that near to halfway between two of float32.
		wide := float64(int64(d.Digits)) / tens64[e]
		const half, within = 1 << 28, 4
		if uint32(math.Float64bits(wide)&(2*half-1))-(half-within) <= 2*within {
			return d.rounded32()
		}
		v = float32(wide)
	default:
		return d.rounded32()
	}
	return math.Float32frombits(math.Float32bits(v) | uint32(d.sign())<<31), true
}

// rounded32 is Float32 for any digits.
func (d Decimal) rounded32() (v float32, ok bool) {
	mantissa, e, ok := d.binary(24)
	if !ok || e > 127-23 {
		return 0, false
	}
	return math.Float32frombits(uint32(d.sign())<<31 | uint32(e+127+23)<<23 | uint32(mantissa)&(1<<23-1)), true
}

// sign is 1 for a negative number. It compiles to no branch, which could not be
// predicted.
func (d Decimal) sign() (s uint64) {
	if d.Negative {
		s = 1
	}
	return s
}

// Whole returns the digits of a number without a fraction. It is not ok for others,
// and for those that a uint64 does not hold.
func (d Decimal) Whole() (v uint64, ok bool) {
	switch e := int(d.Exponent); {
	case e == 0 || d.Digits == 0:
		return d.Digits, true
	case e < 0 && -e < len(tens):
		by := tens[-e]
		return d.Digits / by, d.Digits%by == 0
	case e > 0 && e < len(tens):
		high, low := bits.Mul64(d.Digits, tens[e])
		return low, high == 0
	}
	return 0, false
}

// fives are the powers of five that a uint64 holds.
var fives = func() (out [28]uint64) {
	out[0] = 1
	for i := 1; i < len(out); i++ {
		out[i] = 5 * out[i-1]
	}
	return out
}()

// binary returns the nearest mantissa × 2^exponent to a number other than 0, with a
// mantissa of that many bits. The 128 bits that it rounds are exact but for a last
// bit that says whether others follow.
func (d Decimal) binary(width int) (mantissa uint64, exponent int, ok bool) {
	e := int(d.Exponent)
	if e <= -len(fives) || e >= len(fives) || d.Digits == 0 {
		return 0, 0, false
	}
	shift := bits.LeadingZeros64(d.Digits)
	m := d.Digits << shift
	exponent = e - shift
	var high, low uint64
	if e < 0 {
		by := fives[-e]
		left := bits.LeadingZeros64(by)
		exponent += left - 64
		high, low = bits.Div64(m>>1, m<<63, by<<left)
		exponent++
	} else {
		high, low = bits.Mul64(m, fives[e])
		exponent += 64
		if s := bits.LeadingZeros64(high); s < 64 {
			high, low = high<<s|low>>(64-s), low<<s
			exponent -= s
		} else {
			high, low = low, 0
			exponent -= 64
		}
	}
	short := high>>63 ^ 1 // of a quotient of 63 bits
	high <<= short
	exponent -= int(short)
	drop := 64 - width
	mantissa = high >> drop
	rest, half := high&(1<<drop-1), uint64(1)<<(drop-1)
	if rest == half {
		if low != 0 || mantissa&1 == 1 {
			mantissa++
		}
	} else {
		mantissa += rest >> (drop - 1) // no branch, which could not be predicted
	}
	exponent += drop
	if mantissa>>width != 0 {
		mantissa >>= 1
		exponent++
	}
	return mantissa, exponent, true
}
