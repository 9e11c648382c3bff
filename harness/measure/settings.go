package measure

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Check reports settings that are impossible, or contradict each other, whatever the
// graph is. The error is a *setting.Error.
func Check(c record.Config) error {
	if err := setting.Check(withoutZeros(c)); err != nil {
		return err
	}
	if c.Timed() && c.Epochs > 0 {
		return setting.Errorf("for", "it measures as many epochs as the time has room for, and %d epochs are asked for: set one of the two", c.Epochs)
	}
	if c.Cold {
		return checkCold(c)
	}
	if !c.Resident() {
		return nil
	}
	if c.Shuffles() {
		return errResidentOrder
	}
	if c.Executor == record.SingleThreaded {
		return setting.Errorf("executor", "%s runs a loop in the graph with other, slower kernels, and resident data would not show the cost of feeding: use one of the two", c.Executor)
	}
	for _, text := range c.Preprocess {
		p, err := graph.ParsePreprocess(text)
		if err != nil {
			return setting.Errorf("preprocess", "%w", err)
		}
		if p.Random() {
			return setting.Errorf("preprocess", "%s is random in every epoch, and resident data is prepared once: use one of the two", text)
		}
	}
	return nil
}

// errResidentOrder is the error for resident data that is to be shuffled, which is a
// default of a graph too.
var errResidentOrder = setting.Errorf("shuffle", "the examples get a new order for every epoch, as in a script's fit, and resident data keeps its order: set it to no, or feed in batches")

// withoutZeros returns c with the default of each setting in which a zero value means
// that.
func withoutZeros(c record.Config) record.Config {
	d := setting.Defaults()
	c.Feed, c.Device = cmp.Or(c.Feed, d.Feed), cmp.Or(c.Device, d.Device)
	c.FeedThreads = cmp.Or(c.FeedThreads, d.FeedThreads)
	return c
}

// Resolve returns c completed with the graph's own settings, and with absolute paths
// of data, because a worker may run in another folder. It reports settings that the
// graph cannot be trained with. Errors about a setting are *setting.Error; others are
// those of package graph.
func Resolve(g *graph.Manifest, c record.Config) (record.Config, error) {
	return dataChecks{}.resolve(g, c)
}

// dataChecks are the results of VerifyData, by the folder of the graph. The data may be
// large, and a grid has many configurations of a graph.
type dataChecks map[string]error

func (d dataChecks) verify(g *graph.Manifest) error {
	err, known := d[g.Dir]
	if !known {
		err = g.VerifyData()
		d[g.Dir] = err
	}
	return err
}

// resolve is Resolve that verifies the data of a graph once.
func (d dataChecks) resolve(g *graph.Manifest, c record.Config) (record.Config, error) {
	if g == nil {
		return c, ErrNothing
	}
	if err := Check(c); err != nil {
		return c, err
	}
	c = withoutZeros(c)
	if err := cmp.Or(runtimeFits(g, c), pipelineFits(g, c)); err != nil {
		return c, err
	}
	c = ofRuntime(g, c)
	c = ofScript(g, c)
	if c.Resident() && c.Shuffles() {
		return c, errResidentOrder
	}
	if err := fits(g, c); err != nil {
		return c, err
	}
	var err error
	if c.Data, err = absoluteSources(c.Data); err != nil {
		return c, err
	}
	if c.LoadWeights, err = weightsFile(g, c.LoadWeights); err != nil {
		return c, err
	}
	if c.Batch == setting.OfGraph {
		c.Batch = 0
		if g.Settings.Batch != nil {
			c.Batch = *g.Settings.Batch
		}
	}
	if c.Epochs == 0 && !c.Timed() {
		c.Epochs = g.Settings.Epochs
	}
	if len(c.Data) == 0 {
		if err := d.verify(g); err != nil {
			return c, err
		}
		if c.Samples == 0 && !pipelined(g, c) { // it may have been drawn in part
			c.Samples = g.Settings.Samples
		}
	}
	if err := batchFits(g, c); err != nil {
		return c, err
	}
	if pipelined(g, c) {
		c.Prefetch, c.FeedThreads = 0, 0 // it has threads of its own
	}
	if c.Resident() {
		c.Prefetch, c.FeedThreads = 0, 0 // it is prepared once
		return c, g.Resident()
	}
	return c, nil
}

// batchFits reports a batch that a graph or its replicas do not take, as far as it is known.
func batchFits(g *graph.Manifest, c record.Config) error {
	if c.Samples > 0 {
		if _, err := g.BatchFor(c.Batch, c.Samples); err != nil {
			return err
		}
	}
	if whole := cmp.Or(c.Batch, c.Samples); whole > 0 {
		return g.CheckSplit(whole)
	}
	return nil
}

// ofScript returns c with what the script of a graph's model sets, where c does not.
func ofScript(g *graph.Manifest, c record.Config) record.Config {
	if c.Shuffle == nil {
		c.Shuffle = new(g.Settings.Shuffle && !pipelined(g, c))
	}
	process := g.Process
	if process == nil {
		process = new(graph.Process)
	}
	if c.IntraOp == setting.OfGraph {
		c.IntraOp = process.IntraOp
	}
	if c.InterOp == setting.OfGraph {
		c.InterOp = process.InterOp
	}
	if len(process.Env) > 0 {
		own := c.Env
		c.Env = maps.Clone(process.Env)
		maps.Copy(c.Env, own)
	}
	return c
}

// unscripted returns c for a launch that is of no script.
func unscripted(c record.Config) record.Config { return ofScript(new(graph.Manifest), c) }

// fits reports settings that a graph cannot be trained with.
func fits(g *graph.Manifest, c record.Config) error {
	if err := dataFits(g, c); err != nil {
		return err
	}
	if err := fetchFits(g, c); err != nil {
		return err
	}
	if c.GPUMemoryLimit > 0 && !c.OnGPU() {
		return setting.Errorf("gpu-memory-limit", "the device is %s, which is no gpu", c.Device)
	}
	if err := devicesFit(g, c); err != nil {
		return err
	}
	if g.Variant.Device == graph.ForGPU && !c.OnGPU() && c.OfGraph() {
		return setting.Errorf("device", "%s has kernels of cuDNN, which only a GPU runs, and the device is %s: measure it on a gpu, or export the model without them", g.Name, c.Device)
	}
	with := *g
	if err := with.AddPreprocess(c.Preprocess); err != nil {
		return setting.Errorf("preprocess", "it does not fit %s: %w", g.Name, err)
	}
	if c.PadTo > 1 && !with.PadsFreely() {
		return setting.Errorf("pad-to", "%s has no sequences of variable length", g.Name)
	}
	return nil
}

// fetchFits reports a graph whose losses cannot be read at the end of an epoch alone.
func fetchFits(g *graph.Manifest, c record.Config) error {
	if !c.LossAtEnd() || !c.OfGraph() {
		return nil
	}
	if c.Resident() {
		return setting.Errorf("fetch", "data that stays on the device is trained on an epoch at a time, and the loss is read once as it is: leave it out, or feed %s in batches", g.Name)
	}
	if err := g.Totals(); err != nil {
		return setting.Errorf("fetch", "%w", err)
	}
	return nil
}

// devicesFit reports a device that cannot be that of a graph's replicas.
func devicesFit(g *graph.Manifest, c record.Config) error {
	n := g.Variant.Devices()
	if n == 1 || !c.OfGraph() {
		return nil
	}
	if c.Executor == record.SingleThreaded {
		return setting.Errorf("executor", "%s runs one device after the other, and each of the %d replicas of %s waits for the others: use another", c.Executor, n, g.Name)
	}
	kind := cmp.Or(g.Variant.Device, "cpu")
	named := len(c.GPUs())
	switch got, _, err := record.ParseDevice(c.Device); {
	case err != nil:
		return setting.Errorf("device", "%w", err)
	case got == kind && (named == 0 || named >= n):
		return nil
	case got == kind:
		return setting.Errorf("device", "%s has %d replicas, each on a device of its own, and %s names %d: name %d, or set it to %s", g.Name, n, c.Device, named, n, kind)
	}
	return setting.Errorf("device", "the %d replicas of %s are for a %s each, and the device is %s: measure it on %s, or export the model for the other target", n, g.Name, kind, c.Device, kind)
}

// dataFits reports settings of data that do not fit a graph.
func dataFits(g *graph.Manifest, c record.Config) error {
	var names []string
	for _, t := range g.DataTensors() {
		names = append(names, t.Name)
	}
	for name := range c.Inputs {
		if !slices.Contains(names, name) {
			return setting.Unknown("input", name, names, fmt.Sprintf("%s has no such input", g.Name))
		}
	}
	if len(c.Data) > 0 || g.Data.Kind == "file" {
		return nil
	}
	for _, name := range []string{"input", "take", "header", "tokens", "window", "image-size"} {
		if s, _ := setting.Find(name); s.Text(c) != "" {
			return setting.Errorf(name, "it needs data, and none is given: %s makes its own", g.Name)
		}
	}
	return nil
}

// absoluteSources returns sources of data with absolute paths, and an error if a file
// is missing. It does not expand globs.
func absoluteSources(sources []string) ([]string, error) {
	var out []string
	for _, s := range sources {
		name, path, named := dataset.SplitSource(s)
		if err := exists(path); err != nil {
			return nil, setting.Errorf("data", "%w", err)
		}
		whole, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		if named {
			whole = name + "=" + whole
		}
		out = append(out, whole)
	}
	return out, nil
}

// exists returns an error unless path is a file, or a glob that matches one.
func exists(path string) error {
	_, err := os.Stat(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(path, "*?[") {
		return err
	}
	switch found, wrong := filepath.Glob(path); {
	case wrong != nil:
		return fmt.Errorf("%s: %w", path, wrong)
	case len(found) == 0:
		return fmt.Errorf("no file matches %s: %w", path, fs.ErrNotExist)
	}
	return nil
}

// sameBatches returns a text that is equal for configurations of a graph that train
// the same batches in the same way.
func sameBatches(g *graph.Manifest, c record.Config) string {
	if batch, err := g.BatchFor(c.Batch, c.Samples); err == nil { // where the number of examples is known
		c.Batch = batch
	}
	return canonical(c)
}

// canonical returns a text that is equal for equal configurations.
func canonical(c record.Config) string {
	var b strings.Builder
	for _, s := range setting.Of(c) {
		fmt.Fprintf(&b, "%s=%q\n", s.Name, s.Text(c))
	}
	return b.String()
}
