package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// The help of a flag states its default once, without zeros.
func TestFlagDefaults(t *testing.T) {
	for _, c := range tree(newRoot(newStreams(strings.NewReader(""), io.Discard, io.Discard))) {
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			text := strings.Join(oneFlagHelp(f), " ")
			if strings.Count(text, "default:")+strings.Count(text, "(default ") > 1 || strings.Contains(text, "0s)") {
				t.Errorf("%s --%s: %s", c.CommandPath(), f.Name, text)
			}
		})
	}
	for value, want := range map[string]string{"3m0s": "3m", "1h0m0s": "1h", "1h30m0s": "1h30m", "10m30s": "10m30s", "graphs": "graphs", "20": "20"} {
		if got := short(value); got != want {
			t.Errorf("short(%q) = %q, want %q", value, got, want)
		}
	}
}
