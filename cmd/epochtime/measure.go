package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/plan"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/stats"
)

// measurement carries out a plan of launches and keeps its record.
type measurement struct {
	worker    *launch.Worker
	plan      plan.Plan
	manifests []*graph.Manifest // one a run of the record
	rec       *record.Record
	saver     *saver
	notices   io.Writer
	progress  *progress
	reparity  bool

	done []plan.Result
}

func newRecord(labels map[string]string, p record.Plan) *record.Record {
	return &record.Record{
		Schema: record.Schema, Epochtime: record.Program, ID: fmt.Sprintf("%016x", rand.Uint64()), Started: time.Now(), Argv: os.Args,
		Labels: labels, Status: record.Incomplete, Plan: p,
	}
}

// add makes one configuration of a graph part of the measurement.
func (m *measurement) add(g *graph.Manifest, c record.Config) {
	m.manifests = append(m.manifests, g)
	m.rec.Runs = append(m.rec.Runs, record.Run{
		Graph: record.Graph{
			Name: g.Name, SHA256: g.SHA256, Architecture: g.Model.Architecture,
			Parameters: g.Model.Parameters, FlopsPerExample: g.Model.FlopsPerExample,
			Variant: map[string]any{
				"precision": g.Variant.Precision, "jit": g.Variant.JIT, "unroll": g.Variant.Unroll, "fused": g.Variant.Fused, "parts": max(1, g.Variant.Parts),
				"batch": g.Variant.Batch, "optimizer": g.Model.Optimizer.Name,
			},
		},
		Config: c,
	})
}

// prepare checks, before anything is timed, that every graph trains as Keras does.
func (m *measurement) prepare(ctx context.Context) error {
	defer m.progress.clear()
	for i := range m.rec.Runs {
		if i > 0 && m.manifests[i] == m.manifests[i-1] { // the same graph, fed otherwise
			m.rec.Runs[i].Parity = m.rec.Runs[i-1].Parity
			continue
		}
		m.progress.checking(m.manifests[i].Name)
		result, err := checkParity(ctx, m.worker, m.manifests[i], m.rec.Runs[i].Config, m.reparity)
		if err != nil {
			return err
		}
		m.rec.Runs[i].Parity = &record.Parity{MaxRelativeDifference: result.MaxDifference, Tolerance: result.Tolerance, Checked: result.Checked}
		if i == 0 {
			m.noticeFaster(result.Devices)
		}
	}
	return nil
}

// noticeFaster says that the build sees a faster device than the one measured.
func (m *measurement) noticeFaster(devices []string) {
	for _, d := range devices {
		if m.rec.Runs[0].Config.Device == "cpu" && d != "CPU" {
			m.progress.clear()
			fmt.Fprintf(m.notices, "notice: this TensorFlow also sees a %s; the cpu is measured (see --device)\n", d)
			return
		}
	}
}

// launches carries out the plan. It saves after every launch. The error tells
// what stopped it, or that a launch failed.
func (m *measurement) launches(ctx context.Context) error {
	defer m.progress.clear()
	failed := false
	for {
		next, ok := m.plan.Next(m.done)
		if !ok {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		out, err := m.launch(ctx, next)
		if err != nil {
			return err
		}
		hopeless := out.Setup && !m.measured() // every other launch would fail so
		m.keep(next, out)
		if err := m.saver.save(m.rec); err != nil {
			return err
		}
		switch {
		case out.Launch.Status == record.OK:
		case ctx.Err() != nil:
			return ctx.Err()
		case hopeless:
			return fmt.Errorf("%s: %w", m.rec.Runs[next.Config].Title(), outcomeError(out))
		default:
			failed = true
			m.tell(next, out)
		}
	}
	m.rec.Status = record.Complete
	if err := m.saver.save(m.rec); err != nil {
		return err
	}
	if failed {
		return errFailed
	}
	return nil
}

func (m *measurement) launch(ctx context.Context, next plan.Launch) (*launch.Outcome, error) {
	job := protocol.Job{
		Kind: protocol.Train, Graph: absolute(m.manifests[next.Config].Dir),
		SHA256: m.manifests[next.Config].SHA256, Config: m.rec.Runs[next.Config].Config,
	}
	m.progress.launch(next)
	out, err := m.worker.Run(ctx, job, m.progress.event)
	if err != nil {
		return nil, startError(err)
	}
	m.progress.launched()
	return out, nil
}

// tell says that a launch failed, once for each graph and reason.
func (m *measurement) tell(next plan.Launch, out *launch.Outcome) {
	run := m.rec.Runs[next.Config]
	for _, earlier := range run.Launches[:len(run.Launches)-1] {
		if earlier.Status == out.Launch.Status && earlier.Reason == out.Launch.Reason {
			return
		}
	}
	m.progress.clear()
	fmt.Fprintf(m.notices, "epochtime: %s, launch %d of %d failed: %v\n", run.Title(), len(run.Launches), m.rec.Plan.Blocks, outcomeError(out))
}

// keep puts a launch into the record, and brings the summary up to date.
func (m *measurement) keep(next plan.Launch, out *launch.Outcome) {
	l := out.Launch
	l.Order, l.Block = len(m.done), next.Block
	if out.Hello != nil {
		l.Machine = m.machine(out.Hello.Machine)
	}
	run := &m.rec.Runs[next.Config]
	run.Launches = append(run.Launches, l)
	run.Summary, run.Warnings = stats.Summarize(run)
	m.done = append(m.done, plan.Result{Launch: next, Dead: out.Setup})
}

// machine returns the index of a machine in the record.
func (m *measurement) machine(found record.Machine) int {
	same := func(have record.Machine) bool {
		return have.Hostname == found.Hostname && have.CPU == found.CPU && have.Cores == found.Cores && have.Kernel == found.Kernel
	}
	if i := slices.IndexFunc(m.rec.Machines, same); i >= 0 {
		return i
	}
	m.rec.Machines = append(m.rec.Machines, found)
	return len(m.rec.Machines) - 1
}

// measured tells whether any epoch was measured.
func (m *measurement) measured() bool {
	return slices.ContainsFunc(m.rec.Runs, func(r record.Run) bool {
		return slices.ContainsFunc(r.Launches, func(l record.Launch) bool { return len(stats.Measured(l)) > 0 })
	})
}

// startError adds what to do about a worker that cannot be started.
func startError(err error) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: it may not be executed: chmod +x it, or name another --worker", err)
	case errors.Is(err, launch.ErrStart):
		return fmt.Errorf("%w: build it with 'make build', or name it with --worker", err)
	}
	return err
}

// outcomeError is the error of a launch that did not go well.
func outcomeError(out *launch.Outcome) error {
	err := errors.New(out.Launch.Reason)
	if out.Launch.Status == record.OK {
		err = errors.New("the worker did not answer what it was asked")
	}
	if out.Failure == nil && out.Stderr != "" {
		return fmt.Errorf("%w\nThe worker's last words:\n%s", err, lastLines(out.Stderr, 15))
	}
	return err
}

// maxDifference is the largest relative difference of two sequences; +Inf where
// their lengths differ or one value is not finite.
func maxDifference(got, want []record.Number) float64 {
	if len(got) != len(want) || len(got) == 0 {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range got {
		g, w := float64(got[i]), float64(want[i])
		d := math.Abs(g-w) / math.Max(math.Abs(w), 1e-12)
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		worst = max(worst, d)
	}
	return worst
}
