// Command epochs trains the exported graph linear on data made here, first on a data
// set and then on a stream, and prints how long each epoch took. It is the example of
// docs/library.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/train"
)

func main() {
	log.SetFlags(0)
	graphs := flag.String("graphs", "graphs", "`folder` of exported graphs")
	weights := flag.String("weights", "", "`folder` for the trained weights (default: they are not saved)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *graphs, *weights); err != nil {
		log.Fatal("epochs: ", err)
	}
}

func run(ctx context.Context, graphs, weights string) error {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		return err
	}
	if err := fit(ctx, m, weights); err != nil {
		return err
	}
	return fitStream(ctx, m)
}

// fit trains on a data set, evaluates, predicts, and saves the weights in a folder.
func fit(ctx context.Context, m *graph.Manifest, weights string) (err error) {
	set, err := line(1000)
	if err != nil {
		return err
	}
	defer set.Close()
	t, err := train.Open(m, set, train.Options{
		Feed: feed.Options{Batch: 50, Shuffle: true, Seed: 1},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()

	first, err := t.FirstSteps(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("first step %v\n", first.Step.Round(time.Microsecond))
	for e, err := range t.Epochs(ctx, 10) {
		if err != nil {
			return err
		}
		fmt.Printf("epoch %d: %v, %d steps, loss %.4f\n", e.Index, e.Duration().Round(time.Microsecond), e.Steps, float64(e.Loss))
	}

	metrics, err := t.Evaluate(ctx, set)
	if err != nil {
		return err
	}
	for _, m := range metrics {
		fmt.Printf("evaluated: %s %.4f\n", m.Name, m.Value)
	}
	if err := predict(ctx, t); err != nil {
		return err
	}
	if weights == "" {
		return nil
	}
	file := filepath.Join(weights, "linear.weights.h5")
	size, err := t.SaveWeights(file)
	if err != nil {
		return err
	}
	fmt.Printf("saved %d bytes to %s\n", size, file)
	return nil
}

// predict prints the model's outputs for three examples.
func predict(ctx context.Context, t *train.Trainer) error {
	x := []float32{-1, 0, 1}
	three, err := dataset.New("three points", dataset.Of("x", []int{1}, x))
	if err != nil {
		return err
	}
	for p, err := range t.Predict(ctx, three) {
		if err != nil {
			return err
		}
		y, err := train.Values[float32](p.Outputs[0])
		if err != nil {
			return err
		}
		for i := range y {
			fmt.Printf("predicted: y(%g) = %.2f\n", x[p.First+i], y[i])
		}
	}
	return nil
}

// fitStream trains on batches that are made while it trains.
func fitStream(ctx context.Context, m *graph.Manifest) (err error) {
	source, err := dataset.NewStream("random points", points)
	if err != nil {
		return err
	}
	t, err := train.OpenStream(m, source, train.Options{
		Feed: feed.Options{Prefetch: 1},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if _, err := t.FirstSteps(ctx); err != nil {
		return err
	}
	for e, err := range t.Epochs(ctx, 2) {
		if err != nil {
			return err
		}
		fmt.Printf("stream, epoch %d: %v, %d examples, loss %.4f\n", e.Index, e.Duration().Round(time.Microsecond), e.Samples, float64(e.Loss))
	}
	return nil
}

// points yields 20 batches of 50 points for each epoch.
func points(_ context.Context, epoch int) iter.Seq2[*dataset.Set, error] {
	random := rand.New(rand.NewPCG(1, uint64(epoch)))
	return func(yield func(*dataset.Set, error) bool) {
		for range 20 {
			x, y := make([]float32, 50), make([]float32, 50)
			for i := range x {
				x[i] = 2*random.Float32() - 1
				y[i] = 3*x[i] + 1
			}
			if !yield(dataset.New("batch", dataset.Of("x", []int{1}, x), dataset.Of("y", []int{1}, y))) {
				return
			}
		}
	}
}

// line makes n points of y = 3x + 1, with x between -1 and 1.
func line(n int) (*dataset.Set, error) {
	x, y := make([]float32, n), make([]float32, n)
	for i := range n {
		x[i] = 2*float32(i)/float32(n) - 1
		y[i] = 3*x[i] + 1
	}
	return dataset.New("y = 3x + 1", dataset.Of("x", []int{1}, x), dataset.Of("y", []int{1}, y))
}
