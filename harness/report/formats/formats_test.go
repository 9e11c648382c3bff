package formats

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"epochtime/harness/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	for _, e := range examples() {
		for _, format := range Names() {
			t.Run(e.name+"/"+format, func(t *testing.T) {
				got, err := Write(format, e.record, Options{Comparison: e.c, Threshold: 0.05})
				if format == "json" { // record's own tests have it; it refuses a time that is no number
					if (err != nil) != (e.name == "failed") {
						t.Error(err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				golden(t, e.name+"."+format, string(got))
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
	}
}

// A format is a function of the record: the same bytes each time, and the record
// left as it was but for empty lists.
func TestPure(t *testing.T) {
	for _, e := range examples() {
		for _, format := range Names() {
			o := Options{Comparison: e.c, Epochs: true}
			first, failed := Write(format, e.record, o)
			second, err := Write(format, e.record, o)
			if (failed == nil) != (err == nil) || string(first) != string(second) {
				t.Errorf("%s as %s is not the same twice (%v, %v)", e.name, format, failed, err)
			}
		}
	}
}

// A record of any kind that holds little can be written in every format.
func TestLittle(t *testing.T) {
	for _, kind := range []string{record.KindRun, record.KindAB, record.KindSweep, record.KindTune, record.KindExplain, record.KindProbe, record.KindLargest} {
		for _, runs := range [][]record.Run{nil, {run("cnn", config())}, {run("cnn", config()), run("cnn", config())}} {
			for _, format := range Names() {
				if _, err := Write(format, of(kind, runs...), Options{}); err != nil {
					t.Errorf("%s of %d runs as %s: %v", kind, len(runs), format, err)
				}
			}
		}
	}
}

// A search that runs out of time has candidates without launches, which is no failure.
func TestJUnitOfSearch(t *testing.T) {
	for kind, want := range map[string]string{
		record.KindTune: ` failures="0" errors="0" skipped="1" `, record.KindRun: ` failures="1" errors="0" skipped="0" `,
	} {
		got, err := Write("junit", of(kind, run("cnn", config())), Options{})
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %v\n%s\nwant %s", kind, err, got, want)
		}
	}
}

func TestUnknown(t *testing.T) {
	if Known("yaml") {
		t.Error("yaml is known")
	}
	_, err := Write("yaml", plainRecord(), Options{})
	if err == nil || !strings.Contains(err.Error(), "benchfmt") {
		t.Errorf("%v, want an error that lists the formats", err)
	}
}
