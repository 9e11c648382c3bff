// Package madefleet makes records of machines that do not exist, for tests and figures of
// what shows several machines. The same call makes the same records.
package madefleet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"epochtime/harness/record"
	"epochtime/harness/roofline"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

// Shape says what to make.
type Shape struct {
	Machines, Models int
	Launches, Epochs int // of each model; measured epochs of a launch
	Priced           bool
	Energy           bool
	Limits           bool
}

// maker makes the records of one fleet.
type maker struct {
	Shape
	random *rand.Rand
	vary   float64 // standard deviation of a model's speed between records
}

// began is when the first record began.
var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Records returns a record for each machine, of a run of all models.
func Records(s Shape) []*record.Record {
	m := maker{s, rand.New(rand.NewPCG(uint64(s.Machines), uint64(s.Models))), 0.05}
	var out []*record.Record
	for i := range s.Machines {
		out = append(out, m.record(i, 0, m.model))
	}
	return out
}

// Sessions returns records of the same models on the first machine, on successive days.
// From the day that slower names, counted from 0, it takes a fifth longer.
func Sessions(s Shape, days, slower int) []*record.Record {
	m := maker{s, rand.New(rand.NewPCG(uint64(days), uint64(s.Models))), 0.005}
	var out []*record.Record
	for d := range days {
		r := m.record(0, d, func(i int) float64 {
			if d >= slower {
				return 1.2 * m.model(i)
			}
			return m.model(i)
		})
		out = append(out, r)
	}
	return out
}

// Sweep returns a record of a sweep of batch sizes on the first machine. From the batch
// that wall names, launches run out of memory.
func Sweep(s Shape, batches []int, wall int) *record.Record {
	m := maker{s, rand.New(rand.NewPCG(1, 1)), 0}
	r := m.record(0, 0, m.model)
	r.ID, r.Plan.Kind = "madesweep", record.KindSweep
	first := r.Runs[0]
	r.Runs = nil
	for _, b := range batches {
		run := first
		run.Config.Batch = b
		run.Command = []string{"run", first.Graph.Name, "--batch=" + strconv.Itoa(b)}
		perExample := 4e-6 * (1 + 32/float64(b))
		run.Launches = nil
		for l := range m.Launches {
			launch := m.launch(l, 0, perExample*examples, m.random.NormFloat64()*0.01)
			launch.Resolved.Batch, launch.Resolved.Steps = b, (examples+b-1)/b
			if b >= wall {
				launch.Status, launch.Reason, launch.Epochs = record.OOM, "the memory limit was reached", nil
			}
			run.Launches = append(run.Launches, launch)
		}
		run.Summary, run.Warnings = stats.Summarize(&run)
		r.Runs = append(r.Runs, run)
	}
	return r
}

// examples of an epoch.
const examples = 8192

// model is the time of an epoch on a machine of speed 1.
func (m maker) model(i int) float64 { return 0.05 * math.Pow(1.35, float64(i)) }

func (m maker) record(machine, day int, seconds func(model int) float64) *record.Record {
	r := &record.Record{
		Schema: record.Schema, Epochtime: record.Program, ID: fmt.Sprintf("made%03d-%03d", machine, day), Started: began.AddDate(0, 0, day).Add(time.Duration(machine) * time.Hour),
		Argv: []string{"epochtime", "run", "--suite", "all", "--machine-name", name(machine)}, Status: record.Complete,
		Plan: record.Plan{Kind: record.KindRun, Seed: 1, Blocks: m.Launches}, Machines: []record.Machine{m.machine(machine)},
	}
	if m.Limits {
		r.Limits = []record.Limits{m.limits(machine, r)}
	}
	for k := range m.Models {
		r.Runs = append(r.Runs, m.run(machine, k, seconds(k)))
	}
	for k := range r.Runs {
		r.Runs[k].Roofline = roofline.Of(r, k)
	}
	return r
}

func name(machine int) string { return fmt.Sprintf("candidate-%d", machine+1) }

func (m maker) machine(i int) record.Machine {
	cores := []int{4, 8, 16, 32, 64}[i%5]
	out := record.Machine{
		Hostname: fmt.Sprintf("host%02d", i+1), OS: "linux", Kernel: "6.1.0", Arch: "amd64", CPU: fmt.Sprintf("Made CPU %d @ 2.%d GHz", 100+i, i%10), Cores: cores,
		CPUFeatures: []string{"avx2", "fma"}, Governor: "performance", MemoryBytes: uint64(4*cores) << 30, ID: fmt.Sprintf("id%02d", i), Name: name(i),
		Sockets: 1 + i%2, PhysicalCores: cores / 2, LogicalCores: cores, NUMANodes: 1 + i%2, Boost: "on", SMT: "on", Product: "Made Works M" + strconv.Itoa(i),
	}
	if m.Priced {
		out.Price = &record.Price{Name: "list", PerHour: 0.1 * float64(cores) * (1 + 0.1*float64(i%3)), Currency: "EUR", Source: "made", Date: "2026-03-01"}
	}
	return out
}

// speed of a machine: the second of each two is a little faster.
func speed(machine int) float64 { return 1 + 0.15*float64(machine/2) + 0.02*float64(machine%2) }

func (m maker) run(machine, model int, seconds float64) record.Run {
	c := setting.Defaults()
	c.Batch, c.Epochs, c.IntraOp, c.InterOp, c.Shuffle = 64, m.Epochs, 0, 0, new(bool)
	title := fmt.Sprintf("model-%02d", model+1)
	run := record.Run{
		Graph:   record.Graph{Name: title, SHA256: fmt.Sprintf("%064x", model+1), Architecture: "made", Parameters: int64(1000 * (model + 1)), FlopsPerExample: 1e5 * float64(model+1)},
		Config:  c,
		Command: []string{"run", title},
	}
	seconds *= math.Exp(m.vary*m.random.NormFloat64()) / speed(machine)
	for l := range m.Launches {
		run.Launches = append(run.Launches, m.launch(l, 0, seconds, 0.01*m.random.NormFloat64()))
	}
	run.Summary, run.Warnings = stats.Summarize(&run)
	return run
}

func (m maker) launch(n, machine int, seconds, off float64) record.Launch {
	l := record.Launch{
		Status: record.OK, Machine: machine, Order: n, Block: n, Started: began.Add(time.Duration(n) * time.Minute), TensorFlow: "2.21.0", Limit: 600,
		Resolved: record.Resolved{Device: "cpu", Batch: 64, Samples: examples, Steps: examples / 64, Executor: record.ThreadPool},
		Cold:     record.Cold{Start: 0.4, Load: 0.2, FirstStep: 0.1 * seconds, Compile: 0.1 * seconds}, Memory: record.Memory{PeakRSS: uint64(4e8 + 1e7*float64(n))},
	}
	at := l.Cold.Start + l.Cold.Load + l.Cold.Compile
	for e := range m.Epochs + 1 {
		took := seconds * math.Exp(off+0.004*m.random.NormFloat64())
		step := 0.9 * took
		wait := 0.06 * took
		l.Epochs = append(l.Epochs, record.Epoch{Index: e, Warmup: e == 0, Start: at, Seconds: took, Wait: wait, Step: step, Other: took - step - wait, Steps: examples / 64, Samples: examples, Loss: record.Number(1 / float64(e+1))})
		at += took
	}
	l.Wall = at + 0.1
	if m.Energy {
		joules := 90 * seconds * float64(m.Epochs) * math.Exp(0.02*m.random.NormFloat64())
		l.Energy = []record.Energy{{Domain: "package-0", Source: record.EnergyRAPL, Joules: joules, Error: joules / 1000, Seconds: seconds * float64(m.Epochs), Epochs: m.Epochs}}
	}
	return l
}

func (m maker) limits(machine int, r *record.Record) record.Limits {
	exact := func(v float64) record.Interval {
		return record.Interval{Median: v, Low: record.Number(v * 0.98), High: record.Number(v * 1.02), Confidence: 0.96}
	}
	return record.Limits{Probed: r.ID, TensorFlow: "2.21.0", Device: "cpu", Rates: []record.Rate{
		{Name: record.RateMatMul + "-float32", Unit: record.FlopPerSecond, Value: exact(1e11 * speed(machine))},
		{Name: record.RateMemory, Unit: record.BytePerSecond, Value: exact(2e10 * speed(machine))},
		{Name: record.RateEmptyStep, Unit: record.Second, Value: exact(3e-5 / speed(machine))},
	}}
}
