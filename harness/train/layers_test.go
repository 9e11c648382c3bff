package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/feed"
	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
)

// layersGraph is a SavedModel that makes tokens of words, and draws, of a
// variable's state, the number of calls so far for every batch.
func layersGraph() *graph.Manifest {
	three := int64(3)
	matrix := func(name string) graph.Tensor {
		return graph.Tensor{Name: name, DType: graph.Float32, Shape: []*int64{nil, nil}}
	}
	vector := func(name string, d graph.DType) graph.Tensor {
		return graph.Tensor{Name: name, DType: d, Shape: []*int64{nil}}
	}
	return &graph.Manifest{
		Name: "layers", Dir: filepath.Join("..", "tfsession", "testdata", "layers"),
		Inputs:  []graph.Tensor{{Name: "tokens", DType: graph.Int64, Shape: []*int64{nil, &three}}, matrix("draw"), matrix("same")},
		Targets: []graph.Tensor{vector("y", graph.Float32)},
		Signatures: map[string]graph.Signature{
			graph.Train: {Key: "train", Loss: "loss"},
			graph.Preprocessing: {
				Key: "preprocess", Stateful: true, Makes: []string{"same", "draw", "tokens"},
				Takes: []graph.Tensor{vector("text", graph.String), matrix("shift")},
			},
		},
		Reset: graph.Reset{Kind: "restore", FilenameTensor: "saver_filename:0", Operation: "StatefulPartitionedCall_4"},
	}
}

// layersSet holds n examples for that graph: an apple each.
func layersSet(t testing.TB, n int) *dataset.Set {
	t.Helper()
	numbers, apples := make([]float32, n), slices.Repeat([]string{"apple"}, n)
	set, err := dataset.New("test", dataset.Of("shift", []int{1}, numbers), dataset.Of("y", nil, numbers), dataset.Texts("text", nil, apples))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// The loss of call c on n apples: 100 each for the tokens, in thousands, and of
// draw, which is c, 10 and -1 times.
func layersLoss(calls ...int) float64 {
	mean := 0.0
	for _, c := range calls {
		mean += (1000*100 + 9*float64(c)) * 4 / float64(len(calls))
	}
	return mean
}

func TestLayersInTheFeeder(t *testing.T) {
	for _, o := range []feed.Options{{Prefetch: 0}, {Prefetch: 1}, {Prefetch: 2, Threads: 2}} {
		o.Batch = 4
		tr, err := Open(layersGraph(), layersSet(t, 16), Options{Feed: o})
		if err != nil {
			t.Fatal(err)
		}
		first, err := tr.FirstSteps(t.Context())
		if err != nil || first.Step <= 0 || len(first.Kept) > 0 {
			t.Fatalf("first steps %+v, %v", first, err)
		}
		for epoch := range 3 {
			e, err := tr.Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c := 4*epoch + 1
			if want := layersLoss(c, c+1, c+2, c+3); float64(e.Loss) != want || e.Steps != 4 || e.Preprocess <= 0 {
				t.Errorf("%+v: epoch %d: %+v, want the loss %v", o, epoch, e, want)
			}
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Layers with state run on a stream's batches in their order.
func TestLayersOnAStream(t *testing.T) {
	for _, prefetch := range []int{0, 2} {
		source, err := dataset.NewStream("apples", func(context.Context, int) iter.Seq2[*dataset.Set, error] {
			return func(yield func(*dataset.Set, error) bool) {
				for range 4 {
					if !yield(layersSet(t, 4), nil) {
						return
					}
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := OpenStream(layersGraph(), source, Options{Feed: feed.Options{Prefetch: prefetch}})
		if err != nil {
			t.Fatal(err)
		}
		if first, err := tr.FirstSteps(t.Context()); err != nil || first.Step <= 0 {
			t.Fatalf("first steps %+v, %v", first, err)
		}
		for epoch := range 2 {
			e, err := tr.Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c := 4*epoch + 1
			if want := layersLoss(c, c+1, c+2, c+3); float64(e.Loss) != want || e.Steps != 4 || e.NewShapes != 0 {
				t.Errorf("prefetch %d, epoch %d: %+v, want the loss %v", prefetch, epoch, e, want)
			}
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLayersThatCannotBe(t *testing.T) {
	if _, err := Open(layersGraph(), layersSet(t, 4), Options{Feed: feed.Options{Batch: 2}, Resident: true}); !errors.Is(err, graph.ErrResident) {
		t.Errorf("resident: %v", err)
	}
	compiled := layersGraph()
	compiled.Variant.JIT = true
	if _, err := Open(compiled, layersSet(t, 4), Options{Feed: feed.Options{Batch: 2}}); !errors.Is(err, dataset.ErrUnfit) || !errors.Is(err, ErrCompiled) || !strings.Contains(err.Error(), "draw") {
		t.Errorf("compiled: %v", err)
	}
	tr, err := Open(layersGraph(), layersSet(t, 4), Options{Feed: feed.Options{Batch: 2}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if _, err := Preload(tr); !errors.Is(err, tfsession.ErrStep) {
		t.Errorf("a bare loop: %v", err)
	}
}

// copyImages copies testdata/images, which a test may spoil.
func copyImages(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "testdata", "images"))); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(paths) != 6 {
		t.Fatal(paths, err)
	}
	return paths
}

// openImages opens the built-in cnn, whose digits are image files.
func openImages(t *testing.T, paths []string, o feed.Options) *Trainer {
	t.Helper()
	m, err := graph.Open(filepath.Join("..", "..", "graphs", "cnn"))
	if err != nil {
		t.Fatalf("%v ('make graphs' exports what the tests need)", err)
	}
	set, err := dataset.New("images", dataset.Images("x", graph.Float32, []int{28, 28, 1}, paths), dataset.Of("y", nil, []int32{0, 0, 0, 1, 1, 1}))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Open(m, set, Options{Feed: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func TestImageFilesAreTrainedOn(t *testing.T) {
	var losses []string
	for _, o := range []feed.Options{{Batch: 4}, {Batch: 4, Prefetch: 1}} {
		tr := openImages(t, copyImages(t), o)
		if _, err := tr.FirstSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
		e, err := tr.Epoch(t.Context())
		if err != nil || e.Samples != 6 || e.Preprocess <= 0 {
			t.Fatalf("%+v, %v", e, err)
		}
		losses = append(losses, fmt.Sprint(e.Loss))
	}
	if losses[0] != losses[1] {
		t.Errorf("the losses are %v, prefetched or not", losses)
	}
}

func TestImageFilesThatChange(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		kind  error
	}{
		"gone":    {os.Remove, dataset.ErrChanged},
		"emptied": {func(path string) error { return os.Truncate(path, 0) }, dataset.ErrUnreadable},
	} {
		paths := copyImages(t)
		tr := openImages(t, paths, feed.Options{Batch: 2, Prefetch: 1})
		if _, err := tr.FirstSteps(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(paths[4]); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Epoch(t.Context()); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), paths[4]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
