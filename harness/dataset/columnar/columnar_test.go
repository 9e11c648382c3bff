package columnar

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"epochtime/harness/dataset"
)

// Decimals are rounded as exact fractions are.
func TestDecimalsAreRoundedCorrectly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		size, scale := 1+random.IntN(17), random.Int32N(45)-3
		bytes := make([]byte, size)
		for i := range bytes {
			bytes[i] = byte(random.Uint32())
		}
		if random.IntN(3) == 0 {
			bytes[0] = []byte{0, 0xff}[random.IntN(2)]
		}
		unscaled := new(big.Int).SetBytes(bytes)
		if bytes[0] >= 0x80 {
			unscaled.Sub(unscaled, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
		}
		exact := new(big.Rat).SetInt(unscaled)
		power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale, -scale))), nil))
		if scale < 0 {
			power.Inv(power)
		}
		want, _ := exact.Quo(exact, power).Float64()
		if got := BigDecimal(bytes, scale); got != want {
			t.Fatalf("%s at scale %d is %v, want %v", unscaled, scale, got, want)
		}
		if unscaled.IsInt64() {
			if got := Decimal(unscaled.Int64(), scale); got != want {
				t.Fatalf("%s at scale %d is %v, want %v", unscaled, scale, got, want)
			}
		}
	}
	if BigDecimal(nil, 2) != 0 {
		t.Error("no bytes are not 0")
	}
}

// What a damaged file leads a library to is an error that does not speak of Go.
func TestDamage(t *testing.T) {
	broken := func(do func()) (err error) {
		defer Contain(&err, func(cause error) error { return Damaged("d.x", "c", cause) })
		do()
		return nil
	}
	var none []int
	for words, do := range map[string]func(){
		"d.x: column c is damaged: copy the file again, or write it anew":             func() { _ = none[len(words(t))] },
		"column c is damaged (eof): copy the file again":                              func() { panic(errors.New("parquet: eof")) },
		"column c is damaged (it claims a piece of 99999999999 bytes): copy the file": func() { NewAllocator(10).Allocate(99999999999) },
		"column c is damaged (odd): copy the file again":                              func() { panic("odd") },
	} {
		err := broken(do)
		if !errors.Is(err, dataset.ErrUnreadable) || !strings.Contains(err.Error(), words) {
			t.Errorf("the error is %v, want %q", err, words)
		}
	}
	if err := broken(func() {}); err != nil {
		t.Error(err)
	}
	if err := Damaged("d.x", "", fmt.Errorf("reading: %w", broken(func() { _ = none[3] }))); strings.Contains(err.Error(), "runtime") {
		t.Error(err)
	}
}

func words(t *testing.T) string { return t.Name() }

// Memory for what a file may claim is given.
func TestAllocator(t *testing.T) {
	a := NewAllocator(1 << 20)
	if b := a.Allocate(100 << 20); len(b) != 100<<20 {
		t.Error(len(b))
	}
	if b := a.Reallocate(8, []byte{1}); len(b) != 8 || b[0] != 1 {
		t.Error(b)
	}
}
