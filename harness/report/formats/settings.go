package formats

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/record"
)

// setting is one that a run was asked for, by the name of its flag.
type setting struct{ key, value string }

// settings are all that tell one configuration from another, in a fixed order.
// An empty value is TensorFlow's or the graph's own choice.
func settings(r record.Run) []setting {
	c := r.Config
	out := []setting{
		{"graph", r.Graph.Name},
		{"side", r.Side},
		{"batch", orElse(c.Batch, "full")},
		{"samples", orElse(c.Samples, "all")},
		{"device", c.Device},
		{"feed", feedOf(c)},
		{"executor", c.Executor},
		{"intra_op", orElse(c.IntraOp, "")},
		{"inter_op", orElse(c.InterOp, "")},
		{"prefetch", strconv.Itoa(c.Prefetch)},
		{"feed_threads", strconv.Itoa(c.FeedThreads)},
		{"shuffle", strconv.FormatBool(c.Shuffle)},
		{"pad_to", orElse(c.PadTo, "")},
		{"preprocess", strings.Join(c.Preprocess, " ")},
		{"data", strings.Join(c.Data, " ")},
		{"input", assignments(c.Inputs)},
		{"take", orElse(c.Take, "")},
		{"tokens", c.Tokens},
		{"window", orElse(c.Window, "")},
		{"image_size", c.ImageSize},
		{"epochs", strconv.Itoa(c.Epochs)},
		{"warmup", strconv.Itoa(c.Warmup)},
		{"seed", strconv.FormatUint(c.Seed, 10)},
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		out = append(out, setting{"env." + name, c.Env[name]})
	}
	return out
}

// assignments are NAME=VALUE words, by name.
func assignments(of map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		out = append(out, name+"="+of[name])
	}
	return strings.Join(out, " ")
}

// orElse is the number, or a word where it is 0.
func orElse(n int, word string) string {
	if n == 0 {
		return word
	}
	return strconv.Itoa(n)
}

func feedOf(c record.Config) string {
	if c.Feed == "" {
		return record.FeedBatches
	}
	return c.Feed
}

// differing are the settings whose values are not the same in all runs.
func differing(runs []record.Run) map[string]bool {
	values := map[string]map[string]int{}
	for _, r := range runs {
		for _, s := range settings(r) {
			if values[s.key] == nil {
				values[s.key] = map[string]int{}
			}
			values[s.key][s.value]++
		}
	}
	out := map[string]bool{}
	for key, of := range values {
		seen := 0
		for _, n := range of {
			seen += n
		}
		out[key] = len(of) > 1 || seen < len(runs) // an env that some runs lack
	}
	return out
}

// titles name each run by its graph and what tells it from the other runs of that
// graph.
func titles(runs []record.Run) []string {
	of := map[string][]record.Run{}
	for _, r := range runs {
		of[r.Graph.Name] = append(of[r.Graph.Name], r)
	}
	differ := map[string]map[string]bool{}
	for graph, list := range of {
		differ[graph] = differing(list)
	}
	out := make([]string, len(runs))
	for i, r := range runs {
		parts := []string{r.Graph.Name}
		for _, s := range settings(r) {
			if s.key == "side" && s.value != "" || differ[r.Graph.Name][s.key] && s.value != "" {
				parts = append(parts, s.key+" "+s.value)
			}
		}
		out[i] = strings.Join(parts, ", ")
	}
	return out
}

// amounts are settings that change how much is measured, not what.
var amounts = []string{"epochs", "warmup", "seed"}

// finite tells whether a format without null can hold v.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// number is v so that reading it gives v again.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// cell is v, or nothing where it is not finite.
func cell(v float64) string {
	if !finite(v) {
		return ""
	}
	return number(v)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
