// Command sampling finds what it costs to watch the machine beside launches: the
// parent's processor time over the wall time, and the epoch time of launches that are
// watched against launches of the same session that are not (docs/energy.md).
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/setting"
	"epochtime/harness/stats"
)

func main() {
	graphs := flag.String("graphs", "graphs", "`DIR` folder with exported graphs")
	name := flag.String("graph", "cnn", "`NAME` of the graph")
	launches := flag.Int("launches", 30, "`N` launches with and without")
	epochs := flag.Int("epochs", 20, "`N` measured epochs per launch")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *graphs, *name, *launches, *epochs); err != nil {
		fmt.Fprintln(os.Stderr, "sampling:", err)
		os.Exit(1)
	}
}

// run measures a graph in interleaved launches, and writes the figures.
func run(ctx context.Context, out io.Writer, graphs, name string, launches, epochs int) error {
	g, err := graph.Find(graphs, name)
	if err != nil {
		return err
	}
	c := measure.Configuration{Graph: g, Config: setting.Defaults()}
	c.Config.Epochs = epochs
	if c, err = measure.Configure(c); err != nil {
		return err
	}
	costs := &costs{now: time.Now, cpu: machine.ProcessorTime}
	s, err := measure.NewAB(c, c, measure.Options{Launches: launches, Workers: alternately(measure.Workers), Watcher: costs})
	if err != nil {
		return err
	}
	if err := s.Measure(ctx); err != nil {
		return err
	}
	costs.Idle()
	write(out, s.Record(), costs)
	return nil
}

// alternately returns workers of which the first, third and so on are not watched.
func alternately(workers func(record.Config) (measure.Launcher, error)) func(record.Config) (measure.Launcher, error) {
	n := 0
	return func(c record.Config) (measure.Launcher, error) {
		w, err := workers(c)
		n++
		if started, ok := w.(*launch.Worker); ok && n%2 == 1 {
			started.Observe = func(protocol.Job) launch.Observer { return nil }
		}
		return w, err
	}
}

// write writes the figures of a session whose side B was watched.
func write(out io.Writer, rec *record.Record, c *costs) {
	fmt.Fprintf(out, "the parent's processor time over wall time: %.3f %% with sampling, %.3f %% without\n", 100*c.share(1), 100*c.share(0))
	r := stats.RatioByBlocks(stats.LaunchValues(&rec.Runs[0], false), stats.LaunchValues(&rec.Runs[1], false), stats.Confidence)
	fmt.Fprintf(out, "epoch time with sampling over without, %d blocks: %s, interval %s\n", r.Blocks, report.Change(r.Median), report.Changes(r))
}

// costs is a watcher that finds the parent's processor time during the launches of each
// run.
type costs struct {
	measure.Unwatched
	now func() time.Time
	cpu func() time.Duration

	run        int // of the launch that runs
	began      time.Time
	before     time.Duration
	wall, took [2]time.Duration
}

// Launching ends the launch before, and begins one.
func (c *costs) Launching(p measure.Progress) {
	c.Idle()
	c.run, c.began, c.before = p.Run, c.now(), c.cpu()
}

// Idle ends a launch.
func (c *costs) Idle() {
	if c.began.IsZero() {
		return
	}
	c.wall[c.run] += c.now().Sub(c.began)
	c.took[c.run] += c.cpu() - c.before
	c.began = time.Time{}
}

// share is the processor time of a run's launches over their wall time.
func (c *costs) share(run int) float64 {
	if c.wall[run] == 0 {
		return 0
	}
	return c.took[run].Seconds() / c.wall[run].Seconds()
}
