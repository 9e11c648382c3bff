package report

import (
	"math"
	"testing"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		seconds float64
		want    string
	}{
		{0, "0 s"},
		{1e-9, "1.00 ns"}, {0.5e-9, "0.5 ns"}, {12.34e-9, "12.3 ns"}, {999.4e-9, "999 ns"}, {999.6e-9, "1.00 µs"},
		{1e-6, "1.00 µs"}, {9.994e-6, "9.99 µs"}, {9.996e-6, "10.0 µs"}, {99.94e-6, "99.9 µs"}, {99.96e-6, "100 µs"},
		{999.4e-6, "999 µs"}, {999.6e-6, "1.00 ms"}, {1.2345e-3, "1.23 ms"},
		{999.4e-3, "999 ms"}, {999.6e-3, "1.00 s"}, {1, "1.00 s"}, {59.96, "60.0 s"}, {119.4, "119 s"},
		{119.6, "2m 0s"}, {120, "2m 0s"}, {125.4, "2m 5s"}, {3599.4, "59m 59s"},
		{3599.6, "1h 0m 0s"}, {3725, "1h 2m 5s"}, {35999.6, "10h 0m"}, {90000, "25h 0m"}, {345599, "96h 0m"}, {345600, "4d 0h"}, {1e6, "11d 13h"}, {1e15, "11.6 Gd 1h"},
		{-0.25, "-250 ms"},
		{nan, "–"}, {inf, "–"}, {-inf, "–"},
	} {
		if got := Seconds(c.seconds); got != c.want {
			t.Errorf("%v s: %q, want %q", c.seconds, got, c.want)
		}
	}
}

func TestRange(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0.0131, 0.0134, "13.1–13.4 ms"}, {0.9994, 1.2, "1.00–1.20 s"}, {0.0004, 0.0012, "0.40–1.20 ms"},
		{118, 125, "1m 58s–2m 5s"}, {3590, 3700, "59m 50s–1h 1m 40s"}, {0, 0, "0–0 s"}, {0, 1e-3, "0.00–1.00 ms"},
	} {
		if got := Range(record.Interval{Low: record.Number(c.low), High: record.Number(c.high), Confidence: 0.95}); got != c.want {
			t.Errorf("%v to %v s: %q, want %q", c.low, c.high, got, c.want)
		}
	}
	if got := Range(record.Interval{Median: 1, Low: record.Number(nan), High: record.Number(nan)}); got != "–" {
		t.Errorf("no interval: %q", got)
	}
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		rate float64
		want string
	}{
		{0, "0"}, {0.123456, "0.123"}, {3.14159, "3.14"}, {42.42, "42.4"}, {999.6, "1,000"}, {123456.7, "123,457"},
		{999_499, "999,499"}, {999_501, "1.00 M"}, {1e6, "1.00 M"}, {12.345e6, "12.3 M"}, {999.97e6, "1.00 G"}, {87.5e9, "87.5 G"}, {1.5e12, "1.50 T"},
		{nan, "–"}, {inf, "–"},
	} {
		if got := Rate(c.rate); got != c.want {
			t.Errorf("%v: %q, want %q", c.rate, got, c.want)
		}
	}
}

func TestChange(t *testing.T) {
	for ratio, want := range map[float64]string{
		1: "0.0 %", 1.0004: "0.0 %", 1.0006: "+0.1 %", 1.3: "+30.0 %", 0.4: "−60.0 %", 2: "+100 %", 1.99949: "+99.9 %", 12.5: "+1,150 %", 0: "−100 %", nan: "–", inf: "–",
	} {
		if got := Change(ratio); got != want {
			t.Errorf("%v: %q, want %q", ratio, got, want)
		}
	}
	if got := Changes(stats.Ratio{Low: 0.991, High: 1.31, Confidence: 0.99}); got != "−0.9 to +31.0 %" {
		t.Errorf("interval: %q", got)
	}
}

func TestFlops(t *testing.T) {
	for v, want := range map[float64]string{191e9: "191 GFLOP/s", 1.5e12: "1.50 TFLOP/s", nan: "–"} {
		if got := Flops(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestAmount(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 14: "14", 67256: "67,256", 999_499: "999,499", 1.24e6: "1.24 M", nan: "–", inf: "–"} {
		if got := Amount(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "–", 1: "1 B", 1023: "1023 B", 1024: "1.0 KiB", 300 << 20: "300 MiB", 310<<20 + 1: "310 MiB", 24 << 30: "24 GiB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestLoss(t *testing.T) {
	for _, c := range []struct {
		loss float64
		want string
	}{
		{0, "0"}, {2.302585, "2.303"}, {0.00012345, "0.0001234"}, {1.5e-7, "1.5e-07"}, {9999.4, "9999"}, {12345.6, "12,346"}, {-20000, "-20,000"}, {1.5e12, "1.5e+12"}, {-1, "-1"},
		{nan, "–"}, {inf, "–"},
	} {
		if got := Loss(record.Number(c.loss)); got != c.want {
			t.Errorf("%v: %q, want %q", c.loss, got, c.want)
		}
	}
}

func TestCount(t *testing.T) {
	if got := Count(54410); got != "54,410" {
		t.Error(got)
	}
	if got := Count(int64(0)); got != "0" {
		t.Error(got)
	}
}

// The first step of a cold launch is inside its first epoch.
func TestFirstStep(t *testing.T) {
	if got := FirstStep(record.Summary{}); got != none {
		t.Errorf("none is shown as %q", got)
	}
	if got := FirstStep(record.Summary{FirstStepSeconds: 0.25}); got != Seconds(0.25) {
		t.Errorf("a quarter of a second is shown as %q", got)
	}
}
