package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what was printed with testdata/NAME.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
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

// run is a run whose launches took these seconds an epoch.
func run(name string, parameters int64, batch, steps int, seconds ...float64) record.Run {
	r := record.Run{Graph: record.Graph{Name: name, Parameters: parameters}, Config: record.Config{Feed: record.FeedBatches}}
	for i, s := range seconds {
		r.Launches = append(r.Launches, record.Launch{
			Status: record.OK, Order: i, Block: i,
			Resolved: record.Resolved{Batch: batch, Samples: batch * steps, Steps: steps},
			Cold:     record.Cold{FirstStep: 100 * s},
			Epochs: []record.Epoch{
				{Warmup: true, Seconds: 9 * s, Steps: steps, Samples: batch * steps, Loss: 3},
				{Index: 1, Seconds: s, Step: 0.96 * s, Wait: 0.04 * s, Steps: steps, Samples: batch * steps, Loss: 2.302585},
			},
			Memory: record.Memory{PeakRSS: 310 << 20},
		})
	}
	return r
}

func failing(r record.Run, status, reason string, n int) record.Run {
	for range n {
		r.Launches = append(r.Launches, record.Launch{Status: status, Reason: reason})
	}
	return r
}

// of is a record of runs with their summaries.
func of(blocks int, runs ...record.Run) *record.Record {
	for i := range runs {
		runs[i].Summary, runs[i].Warnings = stats.Summarize(&runs[i])
	}
	return &record.Record{Plan: record.Plan{Kind: record.KindRun, Blocks: blocks}, Runs: runs}
}

// resident is a run as run makes it, with its data on the device.
func resident(r record.Run) record.Run {
	r.Config.Feed = record.FeedResident
	for i := range r.Launches {
		r.Launches[i].Cold.Upload = 0.0021
		for k := range r.Launches[i].Epochs {
			e := &r.Launches[i].Epochs[k]
			e.Step, e.Wait = e.Seconds, 0
		}
	}
	return r
}

const long = "a-convolutional-network-with-a-name-that-somebody-thought-about"

func records() map[string]*record.Record {
	three := []float64{0.00025, 0.00026, 0.00024, 0.00027, 0.00025, 0.00026}
	stolen := run("rnn", 8148, 32, 32, 0.33, 0.34, 0.33, 0.35, 0.36, 0.34)
	stolen.Launches[2].Disturbance.Steal = 0.2
	oom := "2 root error(s) found.\n  (0) RESOURCE_EXHAUSTED: OOM when allocating tensor with shape[8192,32,26,26] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu\n\t [[{{node StatefulPartitionedCall/conv2d/Conv2D}}]]\n" + strings.Repeat("Hint: see the options. ", 20)
	return map[string]*record.Record{
		"none": of(6),
		"resident": of(6, run("cnn", 54410, 32, 32, 0.166, 0.1701, 0.164, 0.167, 0.1655, 0.17),
			resident(run("cnn", 54410, 32, 32, 0.151, 0.1501, 0.153, 0.155, 0.154, 0.152)),
			run("linear", 2, 100, 1, three...), resident(run("linear", 2, 100, 1, 0.00024, 0.00027, 0.00025, 0.00025, 0.00024, 0.00027)),
			run("rnn", 8148, 32, 32, 0.3, 0.31, 0.3, 0.32, 0.33, 0.3), resident(run("rnn", 8148, 32, 32, 0.33, 0.34, 0.33, 0.35, 0.36, 0.34))),
		"resident-once": of(1, run("cnn", 54410, 32, 32, 0.166), resident(run("cnn", 54410, 32, 32, 0.151)),
			run("rnn", 8148, 32, 32, 0.3), resident(run("rnn", 8148, 32, 32, 0.33))),
		"resident-failed": of(6, run("cnn", 54410, 32, 32, 0.166, 0.17), resident(failing(run("cnn", 54410, 32, 32), record.OOM, "out of memory: the data set cannot stay on the device", 6))),
		"one-launch":      of(1, run("linear", 2, 100, 1, 0.000247)),
		"two-launches":    of(2, run("linear", 2, 100, 1, 0.000247, 0.000251), run("cnn", 54410, 1000, 1, 0.166, 0.1701)),
		"six-launches":    of(6, run("linear", 2, 100, 1, three...), run("cnn", 54410, 1000, 1, 0.166, 0.1701, 0.164, 0.167, 0.1655, 0.17), stolen),
		"slow":            of(6, run("resnet", 25_600_000, 256, 5005, 3700, 3711.5, 3720, 3690, 3705, 3716), run("vit", 86_000_000, 64, 20, 125, 126, 124, 127, 125.5, 128)),
		"failed":          of(6, failing(run("cnn", 54410, 8192, 1), record.OOM, oom, 6)),
		"some-failed": of(6, run("linear", 2, 100, 1, three...),
			failing(failing(run("cnn", 54410, 1000, 1, 0.166, 0.17), record.Killed, "the worker died of the signal: killed", 1), record.Timeout, "not done after 1h0m0s, the time limit of a launch", 3)),
		"interrupted": of(6, failing(run("cnn", 54410, 1000, 1, 0.166), record.Interrupted, "stopped before it was done", 1), run("rnn", 8148, 32, 32)),
		"long-name":   of(6, run(long, 54410, 1000, 1, three...), failing(run("cnn", 54410, 1000, 1), record.Error, "the worker failed", 6)),
	}
}

func TestTable(t *testing.T) {
	for name, rec := range records() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			Record(&out, rec, Options{})
			golden(t, name, out.String())
		})
	}
}

func TestTableAt80Columns(t *testing.T) {
	for name, rec := range records() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			Record(&out, rec, Options{Width: 80})
			golden(t, name+"-80", out.String())
			for line := range strings.Lines(out.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > 80 {
					t.Errorf("%d columns: %s", n, line)
				}
			}
		})
	}
}

func TestArticle(t *testing.T) {
	rec := of(6, run("linear", 2, 100, 1, 0.000247), run("cnn-with-digits", 54410, 1000, 1, 0.166, 0.17), failing(run("rnn", 8148, 32, 32), record.OOM, "", 1))
	rec.Plan.Suite = "article"
	var out bytes.Buffer
	Record(&out, rec, Options{Width: 80})
	golden(t, "article", out.String())
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		head, text string
		width      int
		want       string
	}{
		{"", "one two three", 0, "one two three"},
		{"", "one two three", 13, "one two three"},
		{"", "one two three", 12, "one two\nthree"},
		{"- ", "one two three", 9, "- one two\n  three"},
		{"- ", "one two three", 8, "- one\n  two\n  three"},
		{"a   ", "b", 80, "a   b"},
		{"", "  lines\n\tand   spaces ", 80, "lines and spaces"},
		{"", "µs µs µs", 5, "µs µs\nµs"},
		{"- ", "a-very-long-word and more", 4, "- a-very-long-word\n  and\n  more"},
		{"- ", "", 10, "- "},
	} {
		if got := Wrap(c.head, c.text, c.width); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// A last column of prose that is broken begins its lines under one another.
func TestGridEndsInProse(t *testing.T) {
	got := Grid(table.Row{"id", "n", "best settings"}, []table.Row{{"a", 1, Prose("executor caller-thread, batch 64")}, {"b", 22, Prose("none")}}, 30)
	want := "id   n  best settings\na    1  executor\n        caller-thread, batch\n        64\nb   22  none"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
