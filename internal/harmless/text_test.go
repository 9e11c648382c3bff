package harmless_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"epochtime/internal/harmless"
	"epochtime/internal/hostile"
)

func TestEnough(t *testing.T) {
	seen := map[string]bool{}
	attacks := 0
	for _, s := range hostile.Strings() {
		if seen[s] {
			t.Errorf("%q is there twice", s)
		}
		seen[s] = true
		if len(hostile.Found(s)) > 0 {
			attacks++
		}
	}
	if len(seen) < 200 || attacks < 80 {
		t.Errorf("%d texts, of which %d hold what cannot be seen", len(seen), attacks)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"cnn":                             "cnn",
		"é 漢字　漢 😀 ❤️ e\u0301":             "é 漢字　漢 😀 ❤️ e\u0301",
		"a\x1b[31m":                       `a\u001b[31m`,
		"a\u202eb":                        `a\u202eb`,
		"a\nb\tc\r":                       `a\u000ab\u0009c\u000d`,
		"\x9b\u009b":                      `\x9b\u009b`,
		"\U000e0041":                      `\udb40\udc41`,
		"👨\u200d👩":                        `👨\u200d👩`,
		"e" + strings.Repeat("\u0301", 9): "e" + strings.Repeat("\u0301", 8) + `\u0301`,
		strings.Repeat("e\u0301", 20):     strings.Repeat("e\u0301", 20),
		`C:\users – “quoted”, 99 % × 2 ± 1 …`: `C:\users – “quoted”, 99 % × 2 ± 1 …`,
	} {
		if got := harmless.Text(in); got != want {
			t.Errorf("Text(%q) is %q, want %q", in, got, want)
		}
	}
	if got := harmless.Lines("a\tb\nc\r"); got != "a\tb\nc\\u000d" {
		t.Errorf("Lines gives %q", got)
	}
	if got := harmless.Hanging("a\nepochtime: ok\n"); got != "a\n  epochtime: ok" {
		t.Errorf("Hanging gives %q", got)
	}
}

func TestHostile(t *testing.T) {
	for _, s := range hostile.Strings() {
		for name, medium := range map[string]func(string) string{
			"Text": harmless.Text, "Hanging": harmless.Hanging, "CSV": harmless.CSV, "Markdown": harmless.Markdown, "Label": harmless.Label, "LabelName": harmless.LabelName,
			"Command": func(s string) string { return harmless.Command([]string{"echo", s}) },
			"Writer": func(s string) string {
				var b bytes.Buffer
				w := harmless.NewWriter(&b)
				for i := range len(s) { // one byte at a time
					if _, err := w.Write([]byte{s[i]}); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
				return strings.ReplaceAll(b.String(), "\n", "\n ") // whose lines they are, only the caller knows
			},
		} {
			got := medium("x" + s)
			if found := hostile.Found(got); len(found) > 0 || !utf8.ValidString(got) {
				t.Errorf("%s(%.40q) lets through %v", name, s, found)
			}
		}
	}
}

// The writer gives the same however its input is cut.
func TestWriterCuts(t *testing.T) {
	text := strings.Join(hostile.Strings()[:200], "\n")
	want := harmless.Lines(text)
	for _, size := range []int{1, 2, 3, 5, 4096} {
		var b bytes.Buffer
		w := harmless.NewWriter(&b)
		for rest := []byte(text); len(rest) > 0; {
			n := min(size, len(rest))
			if wrote, err := w.Write(rest[:n]); wrote != n || err != nil {
				t.Fatalf("%d of %d bytes: %v", wrote, n, err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil || b.String() != want {
			t.Errorf("in pieces of %d bytes it gives another text (%v)", size, err)
		}
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterFails(t *testing.T) {
	w := harmless.NewWriter(full{})
	if n, err := w.Write([]byte("a")); n != 0 || !errors.Is(err, errFull) {
		t.Errorf("Write gives %d, %v", n, err)
	}
	if w.Stream() != (full{}) {
		t.Error("Stream is not the stream")
	}
}

// JSON keeps its meaning.
func TestJSON(t *testing.T) {
	for _, s := range hostile.Strings() {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := errors.Join(json.Unmarshal(text, &want), json.Unmarshal([]byte(harmless.Lines(string(text))), &got)); err != nil || got != want {
			t.Errorf("%.40q is read back as %.40q (%v)", want, got, err)
		}
	}
}

func TestCSV(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "'=1": "''=1", "-5": "-5", "+1.5e-3": "+1.5e-3", ".5": ".5", "-5x": "'-5x", "－1": "'－1", " @a": " '@a", "a;=1": "a;'=1", "a, -b": "a, '-b",
		"a=b-c": "a=b-c", "cnn": "cnn", "\t=1": `\u0009=1`, `\u202e`: `\u005cu202e`, `C:\users`: `C:\users`, "2026-03-01T02:30:00Z": "2026-03-01T02:30:00Z", "-": "'-", "": "",
	} {
		if got := harmless.CSV(in); got != want {
			t.Errorf("CSV(%q) is %q, want %q", in, got, want)
		}
	}
	for _, s := range hostile.Strings() {
		if got := harmless.FromCSV(harmless.CSV(s)); got != s {
			t.Errorf("%.60q is read back as %.60q", s, got)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range hostile.Strings()[:60] {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := harmless.CSV(s)
		if got := harmless.FromCSV(cell); got != s {
			t.Errorf("%q as %q is read back as %q", s, cell, got)
		}
	})
}

func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"cnn, batch 64": "cnn, batch 64", "a_b": `a\_b`, "1. a": `1\. a`, "a  \n b": "a b", "@all": "`@all`", "a `b` @c": "``a `b` @c``", "`@": "`` `@ ``", "x\u202e": `x\\u202e`,
	} {
		if got := harmless.Markdown(in); got != want {
			t.Errorf("Markdown(%q) is %q, want %q", in, got, want)
		}
	}
}

// A real shell reads the words that were quoted.
func TestCommand(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, s := range hostile.Strings() {
		if !strings.Contains(s, "\x00") {
			words = append(words, s)
		}
	}
	got, err := exec.Command(bash, "-c", harmless.Command(append([]string{"printf", `%s\0`}, words...))).Output()
	if want := strings.Join(words, "\x00") + "\x00"; err != nil || string(got) != want {
		t.Errorf("the shell reads other words (%v)", err)
	}
}
