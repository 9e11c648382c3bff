package measure_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/measure"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/harness/setting"
	"epochtime/internal/testgraph"
)

// A session compares two batch sizes. This one's launches are not worker
// processes, but a stand-in whose epochs take a millisecond an example.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := testgraph.Write(filepath.Join(dir, "cnn")); err != nil {
		log.Fatal(err)
	}

	g, err := graph.Find(dir, "cnn")
	if err != nil {
		log.Fatal(err)
	}
	small := measure.Configuration{Graph: g, Config: setting.Defaults()}
	small.Config.Samples = 500
	large := small
	large.Config.Samples = 1000
	var list []measure.Configuration
	for _, c := range []measure.Configuration{small, large} {
		if c, err = measure.Configure(c); err != nil {
			log.Fatal(err)
		}
		list = append(list, c)
	}
	session, err := measure.NewRun(list, measure.Options{
		Launches: 6,
		Recheck:  true,
		Workers:  func(record.Config) (measure.Launcher, error) { return standIn{}, nil }, // left out: worker processes
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := session.Measure(context.Background()); err != nil {
		log.Fatal(err)
	}
	if err := session.CheckResults(0, 1); err != nil { // it has no Summary
		log.Fatal(err)
	}
	for _, run := range session.Record().Runs {
		s := run.Summary.EpochSeconds
		fmt.Printf("%d examples: %v, 95 %% interval %v to %v\n", run.Config.Samples, seconds(s.Median), seconds(float64(s.Low)), seconds(float64(s.High)))
	}
	// Output:
	// 500 examples: 500ms, 95 % interval 500ms to 500ms
	// 1000 examples: 1s, 95 % interval 1s to 1s
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

type standIn struct{}

func (standIn) Run(_ context.Context, job protocol.Job, onEvent func(protocol.Event)) (*launch.Outcome, error) {
	out := &launch.Outcome{Hello: &protocol.Hello{}, Launch: record.Launch{Status: record.OK}}
	if job.Kind == protocol.Parity {
		losses := []record.Number{3, 2, 1} // Keras's, as the graph's manifest has them
		out.Parity = &protocol.Losses{Got: losses, Want: losses}
		return out, nil
	}
	for i := range job.Config.Epochs {
		out.Launch.Epochs = append(out.Launch.Epochs, record.Epoch{Index: i, Seconds: float64(job.Config.Samples) / 1000, Samples: job.Config.Samples, Steps: 1})
	}
	return out, nil
}
