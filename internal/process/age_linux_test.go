package process

import (
	"strings"
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	before := Age()
	if now := Age(); before < 0 || now < before || now > time.Hour {
		t.Errorf("the process is %v old, and then %v", before, now)
	}
	stat := "12 (a) b (c) S " + strings.Repeat("0 ", 18) + "6123400 7 8\n"
	for name, c := range map[string]struct {
		uptime, stat string
		want         time.Duration
	}{
		"whole":          {"61234.56 100.00\n", stat, 560 * time.Millisecond},
		"began just now": {"61234.00 1\n", stat, 0},
		"in the future":  {"61233.00 1\n", stat, 0},
		"cut off":        {"61234.56 1\n", stat[:30], 0},
		"empty":          {"", "", 0},
		"no number":      {"NaN\n", stat, 0},
		"no start":       {"61234.56 1\n", strings.Replace(stat, "6123400", "x", 1), 0},
	} {
		if got := age(c.uptime, c.stat); got != c.want {
			t.Errorf("%s: it is %v old, want %v", name, got, c.want)
		}
	}
}
