package train_test

import (
	"context"
	"fmt"
	"log"
	"path/filepath"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
	"epochtime/harness/train"
)

// The graphs that 'make graphs' exports.
var graphs = filepath.Join("..", "..", "graphs")

// Open a graph, train epochs on its own synthetic data, read their timing.
func Example() {
	m, err := graph.Find(graphs, "rnn")
	if err != nil {
		log.Fatal(err)
	}
	set, err := dataset.Synthetic(m, 100, 1)
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 32, Prefetch: 2}})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	if _, err := t.FirstSteps(context.Background()); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		e, err := t.Epoch(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("epoch %d: %d examples in %d steps, timed: %t\n", e.Index, e.Samples, e.Steps, e.Seconds > 0)
	}
	// Output:
	// epoch 0: 100 examples in 4 steps, timed: true
	// epoch 1: 100 examples in 4 steps, timed: true
}

// Train on data of one's own: here y = 3x on 50 points, until the loss is small.
func Example_ownData() {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		log.Fatal(err)
	}
	var x, y []float32
	for i := range 50 {
		v := float32(i)/25 - 1
		x, y = append(x, v), append(y, 3*v)
	}
	set, err := dataset.New("my points", dataset.Of("x", []int{1}, x), dataset.Of("y", []int{1}, y))
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.Open(m, set, train.Options{
		Feed:    feed.Options{Batch: 10, Shuffle: true, Seed: 1},
		Session: tfsession.Options{Executor: tfsession.SingleThreaded},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	for {
		e, err := t.Epoch(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		if e.Loss < 0.001 {
			fmt.Println("learnt")
			return
		}
		if e.Index == 1000 {
			log.Fatalf("the loss is still %v", e.Loss)
		}
	}
	// Output: learnt
}
