package formats

import (
	"math"
	"time"

	"epochtime/harness/compare"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

var began = time.Date(2026, 3, 1, 2, 30, 0, 125e6, time.UTC)

// strange holds what formats give a meaning.
const strange = "a \"b\" 'c' | d=1, e/f\\g\n# *h* _i_ [j](k) <l> `m` &amp; é 漢 😀 :::MLLOG {} @last -8"

// launch took these seconds an epoch; the first is the warm-up.
func launch(order int, seconds ...float64) record.Launch {
	l := record.Launch{
		Status: record.OK, Order: order, Block: order, Started: began.Add(time.Duration(order) * time.Minute), TensorFlow: "2.21.0",
		Resolved: record.Resolved{Device: "CPU:0", Batch: 32, Samples: 1000, Steps: 32},
		Cold:     record.Cold{Start: 0.25, Load: 0.125, FirstStep: 0.5, Compile: 0.75},
		Memory:   record.Memory{PeakRSS: 300 << 20},
	}
	at := 1.0
	for i, s := range seconds {
		l.Epochs = append(l.Epochs, record.Epoch{
			Index: i, Warmup: i == 0, Start: at, Seconds: s, Wait: s / 4, Step: s / 2, Other: s / 4,
			Steps: 32, Samples: 1000, Loss: record.Number(2.5 - float64(i)/4),
		})
		at += s
	}
	return l
}

func run(name string, c record.Config, seconds ...float64) record.Run {
	r := record.Run{Graph: record.Graph{Name: name, SHA256: "5904", Parameters: 54410}, Config: c}
	for i, s := range seconds {
		r.Launches = append(r.Launches, launch(i, 9*s, s, 1.125*s, 0.875*s))
	}
	return r
}

func config() record.Config {
	return record.Config{Batch: 32, Samples: 1000, Epochs: 3, Warmup: 1, Device: "cpu", Seed: 1, Prefetch: 2, FeedThreads: 1, Feed: record.FeedBatches}
}

func of(kind string, runs ...record.Run) *record.Record {
	for i := range runs {
		runs[i].Summary, runs[i].Warnings = stats.Summarize(&runs[i])
	}
	return &record.Record{
		Schema: record.Schema, Epochtime: "0.1.0", ID: "00c0ffee00c0ffee", Started: began, Status: record.Complete,
		Labels: map[string]string{"commit": "4e1c"}, Plan: record.Plan{Kind: kind, Seed: 1, Blocks: 6}, Runs: runs,
		Machines: []record.Machine{{Hostname: "lab", OS: "linux", Arch: "amd64", CPU: "Some CPU", Cores: 8}},
	}
}

// six launches, in block by block the same drift.
var six = []float64{0.25, 0.26, 0.255, 0.252, 0.258, 0.261}

func times(by float64, list []float64) []float64 {
	var out []float64
	for _, v := range list {
		out = append(out, by*v)
	}
	return out
}

func plainRecord() *record.Record {
	wide := config()
	wide.Batch = 0
	wide.Env = map[string]string{"TF_ENABLE_ONEDNN_OPTS": "0"}
	return of(record.KindRun, run("cnn", config(), six...), run("cnn", wide, times(2, six)...), run("rnn-2", config(), 0.125))
}

func strangeRecord() *record.Record {
	c := config()
	c.Env = map[string]string{strange: strange}
	c.Data = []string{strange}
	r := of(record.KindRun, run(strange, c, six...), run(strange, c, six...))
	r.Labels = map[string]string{strange: strange, "a-b": "1", "a_b": "2"}
	r.Machines[0].CPU, r.Machines[0].Hostname, r.ID = strange, strange, strange
	return r
}

// failedRecord has no summary, one launch that is not ok, and numbers that are
// not finite.
func failedRecord() *record.Record {
	dead := run("cnn", config())
	dead.Launches = []record.Launch{{Status: record.OOM, Reason: "no memory <here>", Machine: 7, Started: began}, {Status: record.Killed, Started: began}}
	nan := run("rnn", config(), 0.5)
	nan.Launches[0].Epochs[1].Loss, nan.Launches[0].Epochs[1].Seconds = record.Number(math.NaN()), math.NaN()
	nan.Launches[0].Cold = record.Cold{FirstStep: math.Inf(1), Start: math.NaN()}
	out := of(record.KindRun, dead, nan, record.Run{Graph: record.Graph{Name: "never"}})
	out.Machines, out.Labels, out.ID = nil, nil, ""
	out.Runs[1].Summary.EpochSeconds.Median = math.NaN()
	return out
}

// abRecord is of two sides, B so many times as slow.
func abRecord(by float64) *record.Record {
	other := config()
	other.Executor = "caller-thread"
	a, b := run("cnn", config(), six...), run("cnn", other, times(by, six)...)
	a.Side, b.Side = "A", "B"
	return of(record.KindAB, a, b)
}

// tuneRecord is a search of two candidates, of which the second is confirmed.
func tuneRecord() *record.Record {
	fast := config()
	fast.Executor = record.CallerThread
	a, b := run("cnn", config(), six...), run("cnn", fast, times(0.5, six)...)
	candidates := []record.Run{run("cnn", config(), 0.25), run("cnn", fast, 0.125, 0.125)}
	a.Side, b.Side = "A", "B"
	return of(record.KindTune, append(candidates, a, b)...)
}

// against compares as report does.
func against(base, r *record.Record) *compare.Comparison {
	c, err := compare.Records(base, r, compare.Options{Threshold: compare.DefaultThreshold})
	if err != nil {
		panic(err)
	}
	return c
}

type example struct {
	name   string
	record *record.Record
	c      *compare.Comparison
}

// pricedRecord was measured on a machine at 36 an hour, so that 100 s cost 1.
func pricedRecord() *record.Record {
	r := plainRecord()
	r.Machines[0].Price = &record.Price{Name: "gpu|large", PerHour: 36, Currency: "EUR", Source: "list", Date: "2026-03-01"}
	return r
}

func examples() []example {
	slower, same := abRecord(1.5), abRecord(1)
	large := config()
	large.Batch = 64
	sweep := of(record.KindSweep, run("cnn", config(), 0.25), record.Run{Graph: record.Graph{Name: "cnn"}, Config: large, Launches: []record.Launch{{Status: record.OOM, Started: began}}})
	tune := tuneRecord()
	sides, bills := scriptSides(), explainRecord()
	plain, earlier := plainRecord(), plainRecord()
	for _, r := range earlier.Runs {
		for i := range r.Launches {
			r.Launches[i].Order += 100
		}
	}
	return []example{
		{"plain", plain, nil},
		{"strange", strangeRecord(), nil},
		{"failed", failedRecord(), nil},
		{"slower", slower, against(slower, slower)},
		{"same", same, against(same, same)},
		{"sweep", sweep, nil},
		{"tune", tune, against(tune, tune)},
		{"base", plain, against(earlier, plain)},
		{"priced", pricedRecord(), nil},
		{"explain", bills, against(bills, bills)},
		{"factors", factorsRecord(), nil},
		{"script", scriptRecord(), nil},
		{"energy", energyRecord(), nil},
		{"script-ab", sides, against(sides, sides)},
		{"probe", probeRecord(), nil},
		{"limited", limitedRecord(), nil},
		{"largest", largestRecord(), nil},
		{"empty", &record.Record{Schema: record.Schema, Plan: record.Plan{Kind: record.KindRun}}, nil},
	}
}
