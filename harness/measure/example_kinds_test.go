package measure_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/testgraph"
)

// Two batch sizes are compared. Summary is nil if no launch of a side worked, so
// CheckResults comes first.
func ExampleNewAB() {
	g, dir := exampleGraph()
	defer os.RemoveAll(dir)
	var sides []measure.Configuration
	for _, batch := range []int{32, 64} {
		c := measure.Configuration{Graph: g, Config: setting.Defaults()}
		c.Config.Batch = batch
		c, err := measure.Configure(c)
		if err != nil {
			log.Fatal(err)
		}
		sides = append(sides, c)
	}
	session, err := measure.NewAB(sides[0], sides[1], measure.Options{
		Launches: 10,
		Recheck:  true,
		Workers:  standIns, // left out: worker processes
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := session.Measure(context.Background()); err != nil {
		log.Fatal(err)
	}
	if err := session.CheckResults(0, 1); err != nil {
		log.Fatal(err)
	}
	for _, run := range session.Record().Runs {
		fmt.Printf("%s: batch %d, %v per epoch\n", run.Side, run.Config.Batch, seconds(run.Summary.EpochSeconds.Median))
	}
	fmt.Println("B is", session.Verdict())
	// Output:
	// A: batch 32, 1s per epoch
	// B: batch 64, 500ms per epoch
	// B is faster
}

// A sweep measures every combination of two settings.
func ExampleNewSweep() {
	g, dir := exampleGraph()
	defer os.RemoveAll(dir)
	points, err := measure.Grid(measure.Configuration{Graph: g, Config: setting.Defaults()}, []measure.Axis{
		{Name: "batch", Values: []string{"32", "64"}},
		{Name: "prefetch", Values: []string{"0", "2"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	session, err := measure.NewSweep(points, measure.Options{
		Launches: 3,
		Recheck:  true,
		Workers:  standIns, // left out: worker processes
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := session.Measure(context.Background()); err != nil {
		log.Fatal(err)
	}
	for i, run := range session.Record().Runs {
		if run.Summary == nil { // such as a point that ran out of memory
			continue
		}
		fmt.Printf("%s: %v per epoch\n", session.Title(i), seconds(run.Summary.EpochSeconds.Median))
	}
	// Output:
	// cnn, batch 32, prefetch 0: 1s per epoch
	// cnn, batch 32, prefetch 2: 1s per epoch
	// cnn, batch 64, prefetch 0: 500ms per epoch
	// cnn, batch 64, prefetch 2: 500ms per epoch
}

// exampleGraph writes a graph to a new folder, which the caller removes.
func exampleGraph() (g *graph.Manifest, dir string) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	if err := testgraph.Write(filepath.Join(dir, "cnn")); err != nil {
		log.Fatal(err)
	}
	g, err = graph.Find(dir, "cnn")
	if err != nil {
		log.Fatal(err)
	}
	return g, dir
}

func standIns(record.Config) (measure.Launcher, error) { return byBatch{}, nil }

// byBatch is standIn, but an epoch of twice the batch takes half the time: a second
// with a batch of 32.
type byBatch struct{ standIn }

func (b byBatch) Run(ctx context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	out, err := b.standIn.Run(ctx, job, onEvent)
	for i := range out.Launch.Epochs {
		out.Launch.Epochs[i].Seconds *= 32 / float64(job.Config.Batch)
	}
	return out, err
}
