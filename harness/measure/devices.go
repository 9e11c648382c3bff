package measure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/trace"
)

// ofDevice warns of what a run's graph does on its device that may not be meant. used is
// what a launch says of its data.
func (s *Session) ofDevice(run int, used record.Resolved) []string {
	c, g := s.rec.Runs[run].Config, s.configs[run].Graph
	switch {
	case !c.OfGraph():
		return nil
	case !c.OnGPU():
		return append(logicalCPUs(g, c), idleReplicas(g, c, used)...)
	}
	out := append(append(loops(g), idle(g, c)...), idleReplicas(g, c, used)...)
	if compared := s.configs[run].compared; compared != nil {
		out = append(out, onHost(compared.Placement)...)
	}
	return out
}

// onHost warns of operations that the host computed where a GPU was asked for.
func onHost(p *trace.Placement) []string {
	switch {
	case p == nil:
		return []string{"where its operations run is not known: TensorFlow did not trace its step"}
	case !slices.ContainsFunc(slices.Collect(maps.Keys(p.Devices)), func(d string) bool { return !strings.HasPrefix(d, "CPU:") }):
		return []string{"all of its operations run on the host, and none on the GPU"}
	case len(p.Host) == 0:
		return nil
	}
	var named []string
	for _, op := range p.Host {
		named = append(named, fmt.Sprintf("%s (%s)", shortened(op.Node), shortened(op.Op)))
	}
	more := ""
	if p.More > 0 {
		more = fmt.Sprintf(", and %d more", p.More)
	}
	return []string{fmt.Sprintf("operations run on the host, and not on the GPU: %s%s", strings.Join(named, ", "), more)}
}

// longestNode is how many bytes of an operation's name a warning has.
const longestNode = 100

// shortened is the end of a name, which says more of an operation than its beginning.
func shortened(name string) string {
	if len(name) <= longestNode {
		return name
	}
	return "…" + strings.ToValidUTF8(name[len(name)-longestNode:], "")
}

// loops warns of recurrent layers that a GPU runs as loops, which Keras's fit does not do
// there.
func loops(g *graph.Manifest) []string {
	if !g.Variant.Loops {
		return nil
	}
	return []string{"its recurrent layers are loops of small operations, where Keras's fit on a GPU has kernels of cuDNN: export it with the target gpu"}
}

// logicalCPUs warns of replicas that share one CPU.
func logicalCPUs(g *graph.Manifest, c record.Config) []string {
	n := g.Variant.Devices()
	if n == 1 || c.Device != "cpu" {
		return nil
	}
	return []string{fmt.Sprintf("its %d replicas are on logical CPU devices, which share the cores: the time says nothing of scaling", n)}
}

// idle warns of GPUs that are named and that the graph has no work for.
func idle(g *graph.Manifest, c record.Config) []string {
	gpus, n := c.GPUs(), g.Variant.Devices()
	switch {
	case len(gpus) < 2 || len(gpus) <= n:
		return nil
	case n > 1:
		return []string{fmt.Sprintf("its graph has %d replicas: they run on the first GPUs of %s, and the others do nothing", n, c.Device)}
	}
	return []string{fmt.Sprintf("its graph is made for one device: it runs on GPU %d, the first of %s, and the others do nothing", gpus[0], c.Device)}
}

// withoutOneDNN is the variable that keeps kernels of oneDNN out.
const withoutOneDNN = "TF_ENABLE_ONEDNN_OPTS"

// idleReplicas warns of replicas that get no example of the last batch of an epoch, with
// which some kernels of a CPU fail or end the process.
func idleReplicas(g *graph.Manifest, c record.Config, used record.Resolved) []string {
	if used.Batch < 1 || used.Samples < 1 {
		return nil
	}
	last := used.Samples % used.Batch
	without := g.Idle(last)
	if without == 0 {
		return nil
	}
	text := fmt.Sprintf("the last batch, of %d examples, leaves %d of its %d replicas without any", last, without, g.Variant.Devices())
	if c.Device == "cpu" && c.Env[withoutOneDNN] != "0" {
		text += ", with which convolutions and max pooling of oneDNN fail, under MirroredStrategy too: samples that divide by the batch avoid it, and so does the variable " + withoutOneDNN + "=0"
	}
	return []string{text}
}
