package report

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/record"
)

// like is a run like cnn with one setting changed, whose launches took these
// seconds per epoch, a second each.
func like(change func(*record.Run), seconds ...float64) record.Run {
	r := run("cnn", 54410, 32, 32, seconds...)
	r.Graph.SHA256 = "cnn"
	r.Config = record.Config{Batch: 32, Samples: 1000, Epochs: 1, Warmup: 1, Device: "cpu", Seed: 1, Feed: record.FeedBatches, Prefetch: 2, FeedThreads: 1}
	change(&r)
	for i := range r.Launches {
		r.Launches[i].Wall = 1
	}
	return r
}

func plain(*record.Run)             {}
func callerThread(r *record.Run)    { r.Config.Executor = record.CallerThread }
func oneThread(r *record.Run)       { r.Config.IntraOp, r.Config.InterOp = 1, 1 }
func noOneDNN(r *record.Run)        { r.Config.Env = map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"} }
func compiled(r *record.Run)        { r.Graph.Name, r.Graph.SHA256 = "cnn-jit", "jit"; callerThread(r) }
func batch(n int) func(*record.Run) { return func(r *record.Run) { r.Config.Batch = n } }
func on(s string, r record.Run) record.Run {
	r.Side = s
	return r
}

// kind is a record of a kind, complete, of 5 % and at most 3 minutes.
func kind(kind string, runs ...record.Run) *record.Record {
	rec := of(8, runs...)
	rec.Schema, rec.ID, rec.Status, rec.Epochtime = record.Schema, "00c0ffee00c0ffee", record.Complete, "0.1.0"
	rec.Plan.Kind, rec.Plan.Threshold, rec.Plan.MaxTime = kind, 0.05, 180
	rec.Machines = []record.Machine{{Hostname: "lab"}}
	return rec
}

func scaled(by float64, seconds ...float64) []float64 {
	out := make([]float64, len(seconds))
	for i, s := range seconds {
		out[i] = by * s
	}
	return out
}

// ofEveryKind are records of all kinds.
func ofEveryKind() map[string]*record.Record {
	eight := []float64{0.25, 0.252, 0.248, 0.251, 0.249, 0.253, 0.247, 0.25}
	wild := []float64{0.25, 0.29, 0.21, 0.3, 0.2, 0.28, 0.22, 0.25}
	oom := func(n int) record.Run { return failing(like(batch(n)), record.OOM, "no memory", 1) }
	candidates := []record.Run{like(plain, 0.25, 0.251), like(callerThread, scaled(0.4, eight[:4]...)...), like(oneThread, 0.3), like(noOneDNN), like(compiled, scaled(0.35, eight...)...)}
	tune := func(runs ...record.Run) *record.Record {
		rec := kind(record.KindTune, append(append([]record.Run{}, candidates...), runs...)...)
		rec.Plan.MaxTime = 20
		return rec
	}
	default0 := append([]record.Run{like(plain, eight...)}, candidates[1:4]...)
	dead := append([]record.Run{failing(like(plain), record.OOM, "no memory", 1)}, candidates[1:]...)
	interrupted := tune()
	interrupted.Status = record.Incomplete
	out := explained()
	maps.Copy(out, map[string]*record.Record{
		"factors":           factors(eight, false),
		"factors-few":       factors(eight[:2], true),
		"run":               kind(record.KindRun, like(plain, eight...)),
		"ab":                kind(record.KindAB, on("A", like(plain, eight...)), on("B", like(callerThread, scaled(0.4, eight...)...))),
		"ab-graphs":         kind(record.KindAB, on("A", like(plain, eight...)), on("B", like(compiled, scaled(1.5, eight...)...))),
		"ab-inconclusive":   kind(record.KindAB, on("A", like(plain, eight...)), on("B", like(callerThread, wild...))),
		"ab-one-side":       kind(record.KindAB, on("A", like(plain, eight...))),
		"sweep":             kind(record.KindSweep, like(batch(32), eight...), like(batch(64), scaled(0.5, eight...)...), like(batch(0), scaled(0.501, eight...)...), oom(128)),
		"sweep-once":        kind(record.KindSweep, like(batch(32), 0.25), like(batch(64), 0.125)),
		"tune":              tune(on("A", like(plain, eight...)), on("B", like(compiled, scaled(0.35, eight...)...))),
		"tune-inconclusive": tune(on("A", like(plain, eight[:4]...)), on("B", like(compiled, wild[:4]...))),
		"tune-failed":       tune(on("A", like(plain, eight...)), on("B", failing(like(compiled, scaled(0.35, eight...)...), record.Error, "it burst", 2))),
		"tune-same":         tune(on("A", like(plain, eight...)), on("B", like(compiled, eight...))),
		"tune-tie":          kind(record.KindTune, like(plain, 0.5), like(noOneDNN, wild[:2]...), like(compiled, eight[:2]...)),
		"tune-default":      kind(record.KindTune, default0...),
		"tune-cut":          tune(),
		"tune-interrupted":  interrupted,
		"tune-dead-default": kind(record.KindTune, dead...),
		"tune-none":         kind(record.KindTune, dead[0]),
	})
	return out
}

func reversed(list []float64) []float64 {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// factors varies a default of these seconds.
func factors(seconds []float64, cut bool) *record.Record {
	level := func(name, from, to string, r record.Run) record.Run {
		r.Factor = &record.Factor{Name: name, From: from, To: to}
		return r
	}
	twice := like(plain, scaled(1.9, seconds...)...)
	for i := range twice.Launches {
		for k := range twice.Launches[i].Epochs {
			twice.Launches[i].Epochs[k].Samples = 2000
		}
	}
	rec := kind(record.KindFactors, like(plain, seconds...),
		level("batch", "32", "256", like(batch(256), scaled(0.41, seconds...)...)),
		level("data", "1000", "2000", twice),
		level("threads", "default", "1", like(oneThread, reversed(seconds)...)),
		level("precision", "float32", "bfloat16", like(plain, scaled(12, seconds...)...)),
		level("xla", "off", "on", failing(like(compiled, scaled(0.8, seconds[:1]...)...), record.OOM, "no memory", 1)),
	)
	rec.Plan.LeftOut = []string{"width: linear has no width"}
	if cut {
		rec.Status = record.Incomplete
	}
	return rec
}

// A record that was written and read again is shown as when it was measured.
func TestEveryViewIsTheFirst(t *testing.T) {
	for name, rec := range ofEveryKind() {
		t.Run(name, func(t *testing.T) {
			var first, file, later bytes.Buffer
			Record(&first, rec, Options{Width: 100})
			if err := rec.Write(&file); err != nil {
				t.Fatal(err)
			}
			read, err := record.Read(&file)
			if err != nil {
				t.Fatal(err)
			}
			Record(&later, read, Options{Width: 100})
			if first.String() != later.String() {
				t.Errorf("first:\n%s\nlater:\n%s", &first, &later)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	for name, rec := range ofEveryKind() {
		for width, suffix := range map[int]string{0: "", 80: "-80"} {
			t.Run(name+suffix, func(t *testing.T) {
				var out bytes.Buffer
				Record(&out, rec, Options{Width: width})
				golden(t, "record-"+name+suffix, out.String())
				for line := range strings.Lines(out.String()) {
					if n := columns(strings.TrimSuffix(line, "\n")); width > 0 && n > width && !strings.HasPrefix(line, "  epochtime ") {
						t.Errorf("%d columns: %s", n, line)
					}
				}
			})
		}
	}
}

// The command that measures a run is the record's own, where it has one.
func TestCommand(t *testing.T) {
	r := like(noOneDNN)
	if got, want := Command(r), "epochtime run cnn --samples=1000 --batch=32 --epochs=1 --env=TF_ENABLE_ONEDNN_OPTS=0"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	r.Command = []string{"run", "keras:VGG16", "--input-shape", "32,32,3", "--worker", "my worker"}
	if got, want := Command(r), "epochtime run keras:VGG16 --input-shape 32,32,3 --worker 'my worker'"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	r.Command = []string{"probe"}
	if got, want := Command(r), "epochtime probe"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	a, b := like(plain), like(compiled)
	a.Command, b.Command = []string{"run", "cnn", "--batch=32"}, []string{"run", "cnn-jit", "--batch=32", "--executor=caller-thread"}
	if got, want := compareCommand(a, b, 12), "epochtime ab cnn --batch=32 --b graph=cnn-jit --b executor=caller-thread --launches 12"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Whatever little a record of a kind holds can be shown.
func TestRecordOfLittle(t *testing.T) {
	unmeasured := like(plain)
	interrupted := failing(like(plain), record.Interrupted, "", 1)
	for _, k := range []string{record.KindRun, record.KindAB, record.KindSweep, record.KindTune, record.KindExplain, record.KindFactors} {
		for _, runs := range [][]record.Run{
			nil, {unmeasured}, {unmeasured, unmeasured}, {interrupted, unmeasured}, {on("A", unmeasured), on("B", unmeasured)},
			{unmeasured, on("A", unmeasured), on("B", interrupted)}, {on("B", unmeasured)},
		} {
			for _, width := range []int{0, 20} {
				var out bytes.Buffer
				Record(&out, kind(k, runs...), Options{Width: width})
				Strip(&out, kind(k, runs...), width)
				if out.Len() == 0 {
					t.Errorf("%s of %d runs: nothing is written", k, len(runs))
				}
			}
		}
	}
}
