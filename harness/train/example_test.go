package train_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"math/rand/v2"
	"os"
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
	ctx := context.Background()
	if _, err := t.FirstSteps(ctx); err != nil {
		log.Fatal(err)
	}
	for e, err := range t.Epochs(ctx, 2) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("epoch %d: %d examples in %d steps, timed: %t\n", e.Index, e.Samples, e.Steps, e.Duration() > 0)
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
	for e, err := range t.Epochs(context.Background(), 1000) {
		if err != nil {
			log.Fatal(err)
		}
		if e.Loss < 0.001 {
			fmt.Println("learnt")
			return
		}
	}
	// Output: learnt
}

// Train on batches that are made while training goes on, here three of y = 3x.
func ExampleOpenStream() {
	m, err := graph.Find(graphs, "linear")
	if err != nil {
		log.Fatal(err)
	}
	source, err := dataset.NewStream("points", func(_ context.Context, pass int) iter.Seq2[*dataset.Set, error] {
		return func(yield func(*dataset.Set, error) bool) {
			random := rand.New(rand.NewPCG(1, uint64(pass)))
			for range 3 {
				var x, y [32]float32
				for i := range x {
					x[i] = random.Float32()
					y[i] = 3 * x[i]
				}
				if !yield(dataset.New("points", dataset.Of("x", []int{1}, x[:]), dataset.Of("y", []int{1}, y[:]))) {
					return
				}
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	t, err := train.OpenStream(m, source, train.Options{Feed: feed.Options{Prefetch: 1}})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	for e, err := range t.Epochs(context.Background(), 2) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("epoch %d: %d examples in %d steps\n", e.Index, e.Samples, e.Steps)
	}
	// Output:
	// epoch 0: 96 examples in 3 steps
	// epoch 1: 96 examples in 3 steps
}

// Train, save the weights, and go on from them in another trainer; then evaluate
// the model and look at a prediction.
func Example_goOn() {
	ctx := context.Background()
	m, err := graph.Find(graphs, "mlp")
	if err != nil {
		log.Fatal(err)
	}
	set, err := dataset.Synthetic(m, 100, 1)
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // an example
	saved := filepath.Join(dir, "mlp.weights.h5")
	for next := 0; next < 6; {
		t, err := train.Open(m, set, train.Options{Feed: feed.Options{Batch: 32, Shuffle: true}, InitialEpoch: next})
		if err != nil {
			log.Fatal(err)
		}
		defer t.Close() //nolint:errcheck // an example
		if next > 0 {
			if _, err := t.LoadWeights(saved); err != nil {
				log.Fatal(err)
			}
		}
		for e, err := range t.Epochs(ctx, 3) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("epoch", e.Index)
		}
		if _, err := t.SaveWeights(saved); err != nil {
			log.Fatal(err)
		}
		next = t.Info().NextEpoch
		metrics, err := t.Evaluate(ctx, set)
		if err != nil {
			log.Fatal(err)
		}
		loss, ok := metrics.Value("loss")
		fmt.Println("a loss:", ok && loss > 0)
		for p, err := range t.Predict(ctx, set) {
			if err != nil {
				log.Fatal(err)
			}
			values, err := train.Values[float32](p.Outputs[0])
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("examples %d to %d: %d numbers\n", p.First, p.First+p.Examples-1, len(values))
		}
	}
	// Output:
	// epoch 0
	// epoch 1
	// epoch 2
	// a loss: true
	// examples 0 to 31: 320 numbers
	// examples 32 to 63: 320 numbers
	// examples 64 to 95: 320 numbers
	// examples 96 to 99: 40 numbers
	// epoch 3
	// epoch 4
	// epoch 5
	// a loss: true
	// examples 0 to 31: 320 numbers
	// examples 32 to 63: 320 numbers
	// examples 64 to 95: 320 numbers
	// examples 96 to 99: 40 numbers
}
