// Command epochs trains the exported graph linear on data made here, and prints
// how long each epoch took. It is the example of docs/library.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
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

func run(ctx context.Context, graphs, weights string) (err error) {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		return err
	}
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

// line makes n points of y = 3x + 1, with x between -1 and 1.
func line(n int) (*dataset.Set, error) {
	x, y := make([]float32, n), make([]float32, n)
	for i := range n {
		x[i] = 2*float32(i)/float32(n) - 1
		y[i] = 3*x[i] + 1
	}
	return dataset.New("y = 3x + 1", dataset.Of("x", []int{1}, x), dataset.Of("y", []int{1}, y))
}
