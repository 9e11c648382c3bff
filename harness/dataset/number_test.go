package dataset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// checkNumber compares the number that a text begins with with strconv.
func checkNumber(t *testing.T, text string) {
	t.Helper()
	d, n := ScanDecimal([]byte(text))
	if n == 0 {
		return
	}
	wide, err := strconv.ParseFloat(text[:n], 64)
	if err != nil && !math.IsInf(wide, 0) {
		t.Fatalf("%q is taken for %+v, strconv says %v", text[:n], d, err)
	}
	if v, ok := d.Float64(); ok && math.Float64bits(v) != math.Float64bits(wide) {
		t.Fatalf("%q is %v, want %v", text[:n], v, wide)
	}
	narrow, _ := strconv.ParseFloat(text[:n], 32)
	if v, ok := d.Float32(); ok && math.Float32bits(v) != math.Float32bits(float32(narrow)) {
		t.Fatalf("%q is %v in single precision, want %v", text[:n], v, float32(narrow))
	}
}

func TestDecimalsAreNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		v := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			v = r.NormFloat64() * math.Pow(10, float64(r.IntN(50)-25))
		}
		digits := r.IntN(19) - 1
		checkNumber(t, strconv.FormatFloat(v, "efg"[r.IntN(3)], digits, 64)+",")
		// halfway between two numbers of single and of double precision
		near := float64(float32(r.NormFloat64()))
		checkNumber(t, strconv.FormatFloat((near+float64(math.Nextafter32(float32(near), 9)))/2, 'f', -1, 64))
		checkNumber(t, fmt.Sprintf("%de%d", r.Uint64()>>r.IntN(64), r.IntN(60)-30))
	}
	for e := -30; e <= 30; e++ {
		for _, m := range []uint64{0, 1, 1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<25 + 1, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<54 + 1, 1<<54 + 3, 1<<63 + 1<<10, 1<<63 + 1<<39, 1<<64 - 1} {
			checkNumber(t, fmt.Sprintf("-%de%d", m, e))
		}
	}
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"", "-", "+.", "1.", ".5", "-0", "1e5", "1e", "1.5e-7x", "12345678.12345678,", "18446744073709551615", "18446744073709551616", "0000000000000000000000001",
		"0.00000000000000000000000012345678901234567", "1e9999", "1e10000", "9007199254740993e-22", "1_000", "0x1p4", "1234567:", "1234567/8", "\x00\xff1"} {
		f.Add(seed)
		f.Add(seed + strings.Repeat(" ", 32))
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkNumber(t, text)
		fast, n := ScanDecimal([]byte(text + strings.Repeat("\n", 32)))
		slow, m := scanDecimal([]byte(text))
		if fast != slow || n != m {
			t.Errorf("%q is %+v of %d bytes, or %+v of %d", text, fast, n, slow, m)
		}
		v, _, err := ParseNumber([]byte(text))
		want, wrong := strconv.ParseFloat(strings.Trim(text, " \t"), 64)
		if err == nil && !strings.ContainsAny(text, "rsNnYy") && (wrong != nil && !math.IsInf(want, 0) || math.Float64bits(v) != math.Float64bits(want)) {
			t.Errorf("%q is %v, strconv says %v, %v", text, v, want, wrong)
		}
	})
}

// A number is written as pandas reads it, not as Go does.
func TestParseNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"1": 1, "1.": 1, ".5": 0.5, "+1": 1, "-0": math.Copysign(0, -1), "1e5": 1e5, "1E+05": 1e5, " \t2 ": 2, "1.0": 1, "true": 1, "False": 0, "TRUE": 1,
		"inf": math.Inf(1), "-Inf": math.Inf(-1), "+infinity": math.Inf(1), "INFINITY": math.Inf(1), "1e999": math.Inf(1), "1e-999": 0,
		"0.1": 0.1, "123456789012345678901234567890": 123456789012345678901234567890, "1e23": 1e23, "8.5e-300": 8.5e-300, "4.9e-324": 4.9e-324,
	} {
		v, integer, err := ParseNumber([]byte(text))
		if err != nil || math.Float64bits(v) != math.Float64bits(want) {
			t.Errorf("%q is %v, %v, want %v", text, v, err, want)
		}
		whole := slices.Contains([]string{"1", "+1", "-0", " \t2 ", "true", "False", "TRUE"}, text)
		if integer != whole {
			t.Errorf("%q is an integer: %v", text, integer)
		}
	}
	for _, text := range []string{"nan", "NaN"} {
		if v, _, err := ParseNumber([]byte(text)); err != nil || !math.IsNaN(v) {
			t.Errorf("%q is %v, %v", text, v, err)
		}
	}
	for _, text := range []string{
		"", " ", "1_000", "0x1p4", "0x10", "0b1", "0o7", "1,5", "1 000", "1e", "e5", ".", "-", "+-1", "--1", "1.2.3", "1e5.5", "1e+", "in", "infinit", "nano", "NAN", "+nan", "- 1", "++1", "yes", "1f", "١", "1\x00",
	} {
		if v, _, err := ParseNumber([]byte(text)); err == nil {
			t.Errorf("%q is taken for %v", text, v)
		}
	}
}

// numbers are texts, and what each type makes of them; nil: an error.
var numbers = []struct {
	text                        string
	float32, float64, int8, u64 any
}{
	{"1", float32(1), 1.0, int8(1), uint64(1)},
	{" 1.0\t", float32(1), 1.0, int8(1), uint64(1)},
	{"1e2", float32(100), 100.0, int8(100), uint64(100)},
	{"1200e-2", float32(12), 12.0, int8(12), uint64(12)},
	{"-0", float32(math.Copysign(0, -1)), math.Copysign(0, -1), int8(0), uint64(0)},
	{"-128", float32(-128), -128.0, int8(-128), nil},
	{"-129", float32(-129), -129.0, nil, nil},
	{"128", float32(128), 128.0, nil, uint64(128)},
	{"1.5", float32(1.5), 1.5, nil, nil},
	{"9007199254740993", float32(9007199254740992), 9007199254740992.0, nil, uint64(9007199254740993)},
	{"18446744073709551615.000", float32(1 << 64), float64(1 << 64), nil, uint64(math.MaxUint64)},
	{"18446744073709551616", float32(1 << 64), float64(1 << 64), nil, nil},
	{"1e39", nil, 1e39, nil, nil},
	{"1e-46", float32(0), 1e-46, nil, nil},
	{"1e400", nil, nil, nil, nil},
	{"16777217", float32(16777216), 16777217.0, nil, uint64(16777217)},
	{"16777219.0000000001", float32(16777220), 16777219.0000000001, nil, nil},
	{"True", float32(1), 1.0, int8(1), uint64(1)},
	{"nan", nil, nil, nil, nil},
	{"", nil, nil, nil, nil},
	{"1_0", nil, nil, nil, nil},
}

// Each way of storing a written number gives the same.
func TestStoredNumbers(t *testing.T) {
	for _, c := range numbers {
		for d, want := range map[graph.DType]any{graph.Float32: c.float32, graph.Float64: c.float64, graph.Int8: c.int8, graph.Uint64: c.u64} {
			s := NewSink(graph.Tensor{Name: "x", DType: d})
			data := graph.Allocate(2 * d.Size())
			err := s.Texts()(data, 1, []byte(c.text))
			if (err == nil) != (want != nil) {
				t.Errorf("%q as %s: %v, want %v", c.text, d, err, want)
			}
			if err == nil && !bytes.Equal(data[d.Size():], element(t, want)) {
				t.Errorf("%q as %s is % x, want %v", c.text, d, data[d.Size():], want)
			}
			number, n := ScanDecimal([]byte(c.text))
			if n == 0 || n != len(c.text) {
				continue
			}
			clear(data)
			stored := s.Decimals()(data, 1, []Decimal{number})
			if stored == 1 && (want == nil || !bytes.Equal(data[d.Size():], element(t, want))) {
				t.Errorf("%q as %s is stored as % x, want %v", c.text, d, data[d.Size():], want)
			}
		}
	}
}

// element is a number's bytes.
func element(t *testing.T, v any) []byte {
	t.Helper()
	out, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Reading a number allocates nothing.
func TestNumbersAllocateNothing(t *testing.T) {
	sinks := []*Sink{NewSink(graph.Tensor{Name: "x", DType: graph.Float32}), NewSink(graph.Tensor{Name: "x", DType: graph.Int64})}
	data := graph.Allocate(64)
	for _, s := range sinks {
		texts, decimals := s.Texts(), s.Decimals()
		number := []Decimal{{Digits: 12, Exponent: -1}}
		text := []byte(" 120e-1 ")
		if n := testing.AllocsPerRun(100, func() {
			_ = texts(data, 1, text)
			_ = decimals(data, 2, number)
		}); n > 0 {
			t.Errorf("%s: %g allocations", s.DType(), n)
		}
	}
}

func BenchmarkDecimal(b *testing.B) {
	for _, c := range []struct {
		name   string
		format byte
		digits int
		size   int
	}{{"short", 'g', 7, 32}, {"whole", 'g', -1, 64}, {"integer", 'f', 0, 64}} {
		b.Run(c.name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var text []byte
			n := 0
			for ; n < 10000; n++ {
				v := r.NormFloat64()
				if c.format == 'f' {
					v *= 10000
				}
				text = append(strconv.AppendFloat(text, v, c.format, c.digits, c.size), ',')
			}
			text = append(text, make([]byte, 16)...)
			var sum float32
			for b.Loop() {
				for at := 0; at < len(text)-16; {
					d, k := ScanDecimal(text[at:])
					if k == 0 {
						b.Fatal(string(text[at : at+16]))
					}
					v, _ := d.Float32()
					sum += v
					at += k + 1
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/number")
			b.SetBytes(int64(len(text)))
		})
	}
}
