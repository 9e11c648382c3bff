package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"epochtime/harness/graph"
	"epochtime/harness/launch"
	"epochtime/harness/machine"
	"epochtime/harness/protocol"
	"epochtime/harness/record"
	"epochtime/internal/atomicfile"
	"epochtime/internal/process"
)

// How far a loss may lie from Keras's, relatively, where the graph does not say.
// XLA fuses and reorders sums.
const (
	plainTolerance = 1e-5
	xlaTolerance   = 1e-3
)

// parityResult is a parity check that was passed, as it is remembered.
type parityResult struct {
	MaxDifference float64   `json:"max_relative_difference"`
	Tolerance     float64   `json:"tolerance"`
	Checked       time.Time `json:"checked"`
	TensorFlow    string    `json:"tensorflow"`
	Devices       []string  `json:"devices"` // types of all devices the build sees
}

// checkParity compares the graph's first steps with Keras's losses, in a launch
// of its own, or remembers that this was done for the same graph, worker,
// device and environment.
func checkParity(ctx context.Context, w *launch.Worker, g *graph.Manifest, c record.Config, anew bool) (parityResult, error) {
	memory := parityMemory(w, g, c)
	var result parityResult
	if !anew && recall(memory, &result) {
		return result, nil
	}
	job := protocol.Job{Kind: protocol.Parity, Graph: absolute(g.Dir), SHA256: g.SHA256, Config: c}
	out, err := w.Run(ctx, job, nil)
	if err != nil {
		return result, startError(err)
	}
	if ctx.Err() != nil {
		return result, ctx.Err()
	}
	if out.Launch.Status != record.OK || out.Parity == nil {
		return result, fmt.Errorf("parity check of %s: %w", g.Name, outcomeError(out))
	}
	result = parityResult{
		MaxDifference: maxDifference(out.Parity.Got, out.Parity.Want),
		Tolerance:     tolerance(g), Checked: time.Now(), TensorFlow: out.Hello.TensorFlow,
	}
	if result.MaxDifference > result.Tolerance {
		return result, mismatch(g, result, out.Parity)
	}
	for _, d := range out.Hello.Devices {
		if !slices.Contains(result.Devices, d.Type) {
			result.Devices = append(result.Devices, d.Type)
		}
	}
	remember(memory, result)
	return result, nil
}

// tolerance is how far a graph's losses may lie from Keras's: what it says of
// itself, and no less than XLA takes where that compiles it.
func tolerance(g *graph.Manifest) float64 {
	allowed := cmp.Or(g.Parity.Tolerance, plainTolerance)
	if g.Variant.JIT {
		allowed = max(allowed, xlaTolerance)
	}
	return allowed
}

// mismatch shows both sequences.
func mismatch(g *graph.Manifest, r parityResult, l *protocol.Losses) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not train as Keras does: the losses differ by %.2g, %.0g is allowed\n", g.Name, r.MaxDifference, r.Tolerance)
	fmt.Fprintf(&b, "  step  %14s  %14s\n", "here", "Keras")
	for i := range max(len(l.Got), len(l.Want)) {
		got, want := "–", "–"
		if i < len(l.Got) {
			got = fmt.Sprintf("%.8g", float64(l.Got[i]))
		}
		if i < len(l.Want) {
			want = fmt.Sprintf("%.8g", float64(l.Want[i]))
		}
		fmt.Fprintf(&b, "  %4d  %14s  %14s\n", i, got, want)
	}
	b.WriteString("Export the graph again with this TensorFlow; if it stays so, the build computes something else.")
	return fmt.Errorf("%s", b.String())
}

// parityMemory is the file that remembers a check; empty where there is no
// place for it.
func parityMemory(w *launch.Worker, g *graph.Manifest, c record.Config) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "epochtime", "parity", parityKey(w, g, c)+".json")
}

// parityKey is the same for checks that have the same result.
func parityKey(w *launch.Worker, g *graph.Manifest, c record.Config) string {
	key := fmt.Sprintf("%#v", []any{g.SHA256, g.Parity, w.Argv, process.Stamp(w.Argv[0]), c.Device, c.IntraOp, c.InterOp, c.Executor, w.Env, machine.Steering(os.Environ())})
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

func recall(path string, result *parityResult) bool {
	text, err := os.ReadFile(path)
	return err == nil && json.Unmarshal(text, result) == nil && !result.Checked.IsZero()
}

// remember keeps a passed check. Without a place for it, the next run checks again.
func remember(path string, result parityResult) {
	text, err := json.MarshalIndent(result, "", " ")
	if err != nil || path == "" || os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	_ = atomicfile.WriteFile(path, text)
}
