package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"al.essio.dev/pkg/shellescape"
	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-shellwords"

	"epochtime/harness/setting"
)

func axis(t *testing.T, name string) setting.Setting {
	t.Helper()
	s, ok := setting.Find(name)
	if !ok {
		t.Fatalf("no setting %s", name)
	}
	return s
}

func TestParseList(t *testing.T) {
	for _, c := range []struct {
		axis, text, want string // values between blanks; "error: …" where there is one
	}{
		{"batch", "32", "32"},
		{"batch", "1..16", "1 2 4 8 16"},
		{"batch", "3..20", "3 6 12 20"},
		{"batch", "7..7", "7"},
		{"batch", "32, 64 ,full", "32 64 full"},
		{"batch", "1..4,4..8,2", "1 2 4 8"},
		{"executor", "caller-thread,auto", "caller-thread auto"},
		{"batch", "1..9223372036854775807", "63"}, // a count
		{"batch", "", "error"},
		{"batch", "1,,2", "error"},
		{"batch", "0..4", "error"},
		{"batch", "4..2", "error"},
		{"batch", "1..x", "error"},
		{"batch", "..", "error"},
		{"batch", "1..99999999999999999999", "error"},
	} {
		got, err := parseList(axis(t, c.axis), c.text)
		switch {
		case c.want == "error":
			if err == nil {
				t.Errorf("%q is %v, and no error", c.text, got)
			}
		case err != nil:
			t.Errorf("%q: %v", c.text, err)
		case strings.Join(got, " ") != c.want && strconv.Itoa(len(got)-1) != c.want:
			t.Errorf("%q is %v, want %s", c.text, got, c.want)
		}
	}
}

// FuzzParseList: whatever is typed, values differ, a range is short, and numbers
// of a range lie within it.
func FuzzParseList(f *testing.F) {
	for _, seed := range []string{"1..4096", "32,64,full", "1,,2", "5..5", "..", "1..2..3", "9223372036854775807..9223372036854775807", " 1 .. 8 "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseList(axis(t, "batch"), text)
		if err != nil {
			return
		}
		if parts := strings.Count(text, ",") + 1; len(got) == 0 || len(got) > 65*parts {
			t.Errorf("%q has %d values", text, len(got))
		}
		for i, v := range got {
			if slices.Contains(got[:i], v) {
				t.Errorf("%q holds %s twice: %v", text, v, got)
			}
			if n, err := strconv.Atoi(v); strings.Contains(text, "..") && !strings.Contains(text, ",") && (err != nil || n < 1) {
				t.Errorf("%q holds %s", text, v)
			}
		}
	})
}

// What is printed to be copied into a shell is what --worker's parser reads back.
func TestQuotedWordsAreReadBack(t *testing.T) {
	words := []string{"cnn", "--batch=64", "A=1", "a b", "", "it's", "$HOME", "~", "x;y", "\"", "a\nb", `\`, "*"}
	got, err := shellwords.Parse(shellescape.QuoteCommand(words))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(words, got); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func TestValues(t *testing.T) {
	for text, want := range map[string]float64{"5%": 0.05, "0.05": 0.05, " 2.5 % ": 0.025, "0": -1, "100%": -1, "5": -1, "-1%": -1, "NaN": -1, "much": -1} {
		var p percentFlag
		if err := p.Set(text); (err != nil) != (want < 0) || err == nil && float64(p) != want {
			t.Errorf("share %q: %v, %v, want %v", text, float64(p), err, want)
		}
	}
}
