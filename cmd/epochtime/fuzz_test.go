package main

import (
	"testing"
	"time"
)

// FuzzValues: a share, a time or a span that is taken is one that can be meant.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"5%", "0.05", "30d", "12h", "2026-03-01", "1e300d", "NaN", "Inf%", "-1h", "2262-04-12"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var share percentFlag
		if share.Set(text) == nil && !(share > 0 && share < 1) {
			t.Errorf("%q is the share %v", text, float64(share))
		}
		if span, err := age(text); err == nil && (span < 0 || span > 101*365*24*time.Hour) {
			t.Errorf("%q is %v", text, span)
		}
		var at timeFlag
		if now := time.Now(); at.Set(text) == nil && (time.Time(at).Year() < now.Year()-101 || time.Time(at).Year() > 2200) {
			t.Errorf("%q is %v", text, time.Time(at))
		}
	})
}
