package tfsession

import (
	"errors"
	"fmt"
	"io"
	"slices"

	tf "github.com/galeone/tensorflow/tensorflow/go"

	"epochtime/harness/graph"
)

// ErrPipeline: the graph's own pipeline failed, or made a batch that does not fit.
// Test with errors.Is.
var ErrPipeline = errors.New("the pipeline failed")

// Pipeline is a tf.data pipeline of the graph's own. It draws one batch after the
// other, which stays until the next is drawn. It is used from one goroutine at a time.
type Pipeline struct {
	part
	make, rewind, next *making
	arrays             []source // of the signature make
	dtypes             []graph.DType

	components []string   // of a batch
	shapes     []tf.Shape // that the signature which takes them allows
	current    []tensorPointer
	drawn      int // batches of this pass
	seen       map[uint64]bool

	holding []tensorPointer   // batches that Hold keeps, one after the other
	held    [][]tensorPointer // they, as a pass; nil draws batches
	filled  []tensorPointer   // a batch that Fill made
}

// Pipeline resolves the signatures of a pipeline whose batches the signature with the
// key takes. arrays are those of the manifest, in its order: bytes that are aligned to
// graph.ArrayAlignment, lie outside Go's memory or are pinned, and stay until the
// session is closed. Call Make before anything else. Errors are ErrGraph.
func (s *Session) Pipeline(p *graph.Pipeline, key string, arrays [][]byte) (*Pipeline, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if p == nil || len(arrays) != len(p.Arrays) {
		return nil, fmt.Errorf("%w: %d arrays for its pipeline", ErrGraph, len(arrays))
	}
	out := &Pipeline{components: p.Components, seen: make(map[uint64]bool)}
	for _, resolve := range []func(*Session, *graph.Pipeline) error{out.resolveMake, out.resolveRewind, out.resolveNext} {
		if err := resolve(s, p); err != nil {
			out.free()
			return nil, err
		}
	}
	if err := out.fit(s, p, key); err != nil {
		out.free()
		return nil, err
	}
	for i, a := range p.Arrays {
		out.arrays = append(out.arrays, source{data: arrays[i], shape: a.Shape})
		out.dtypes = append(out.dtypes, a.DType)
	}
	out.current = out.next.made
	s.own(out)
	return out, nil
}

func (p *Pipeline) resolveMake(s *Session, m *graph.Pipeline) error {
	found, err := s.signature(m.Make)
	if err != nil {
		return err
	}
	var inputs []tf.Output
	for _, a := range m.Arrays {
		in, err := found.input(a.Name, a.DType)
		if err != nil {
			return err
		}
		inputs = append(inputs, in)
	}
	p.make, err = s.ready(found, inputs)
	return err
}

func (p *Pipeline) resolveRewind(s *Session, m *graph.Pipeline) error {
	found, err := s.signature(m.Rewind)
	if err != nil {
		return err
	}
	p.rewind, err = s.ready(found, nil)
	return err
}

// ready is a call of a signature that returns nothing but that it is done.
func (s *Session) ready(found signature, inputs []tf.Output) (*making, error) {
	out, err := found.scalar("ready", graph.Int32)
	if err != nil {
		return nil, err
	}
	return newMaking(s.model.Session, inputs, []tf.Output{out}, s.runOptions), nil
}

func (p *Pipeline) resolveNext(s *Session, m *graph.Pipeline) error {
	found, err := s.signature(m.Next)
	if err != nil {
		return err
	}
	var outputs []tf.Output
	for _, name := range m.Components {
		info, ok := found.Outputs[name]
		if !ok {
			return fmt.Errorf("%w: its signature %q has no output %q", ErrGraph, m.Next, name)
		}
		out, err := s.output(info.Name)
		if err != nil {
			return err
		}
		outputs = append(outputs, out)
	}
	p.next = newMaking(s.model.Session, nil, outputs, s.runOptions)
	return nil
}

// fit notes what the signature that takes the batches allows, and finds a component of
// another type.
func (p *Pipeline) fit(s *Session, m *graph.Pipeline, key string) error {
	takes, err := s.signature(key)
	if err != nil {
		return err
	}
	makes := s.model.Signatures[m.Next]
	for _, name := range m.Components {
		in, ok := takes.Inputs[name]
		if !ok {
			return fmt.Errorf("%w: its pipeline makes %q, which its signature %q does not take", ErrGraph, name, key)
		}
		if made := makes.Outputs[name].DType; made != in.DType {
			return fmt.Errorf("%w: its pipeline makes %q of TensorFlow's type %d, and its signature %q takes type %d", ErrGraph, name, made, key, in.DType)
		}
		p.shapes = append(p.shapes, in.Shape)
	}
	return nil
}

// Make keeps the pipeline anew, as at the start of a process: what it had cached is
// gone, and its random numbers begin again. Then comes Rewind. Errors are ErrPipeline,
// ErrOOM and ErrClosed.
func (p *Pipeline) Make() error {
	if p == nil {
		return ErrClosed
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	defer dropAll(p.make.tensors) // the pipeline has taken them
	for i, a := range p.arrays {
		t, err := borrow(p.dtypes[i], a.data, a.shape)
		if err != nil {
			return err
		}
		p.make.tensors[i] = t
	}
	return p.wrapped("it cannot be made", p.make.run())
}

// Rewind begins a pass. Errors are ErrPipeline, ErrOOM and ErrClosed.
func (p *Pipeline) Rewind() error {
	if p == nil {
		return ErrClosed
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	p.drawn = 0
	p.forget()
	if p.held != nil {
		return nil
	}
	return p.wrapped("a pass cannot begin", p.rewind.run())
}

// wrapped makes an error of a call that returns no batch one of the pipeline's.
func (p *Pipeline) wrapped(doing string, err error) error {
	if err == nil || errors.Is(err, ErrOOM) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrPipeline, doing, err)
}

// Next draws the next batch of the pass, and returns its examples, and whether no
// batch before had its shape. The error is io.EOF at the end of the pass. Others are
// ErrPipeline, with the batch's number in the pass from 0 on and TensorFlow's reason,
// ErrOOM and ErrClosed.
func (p *Pipeline) Next() (examples int, newShape bool, err error) {
	if p == nil {
		return 0, false, ErrClosed
	}
	if err := p.enter(); err != nil {
		return 0, false, err
	}
	defer p.leave()
	if p.held != nil {
		return p.replay()
	}
	if err := p.next.next(ErrPipeline); err != nil {
		if err == io.EOF {
			return 0, false, err
		}
		return 0, false, fmt.Errorf("batch %d of the pass: %w", p.drawn, err)
	}
	p.current = p.next.made
	shape := p.next.shape()
	if newShape = !p.seen[shape]; newShape {
		if err := p.check(); err != nil {
			return 0, false, err
		}
		p.seen[shape] = true
	}
	p.drawn++
	return p.next.examples(), newShape, nil
}

// replay makes the next batch in memory the current one.
func (p *Pipeline) replay() (int, bool, error) {
	if p.drawn == len(p.held) {
		return 0, false, io.EOF
	}
	p.current = p.held[p.drawn]
	p.drawn++
	return int(shapeOf(p.current[0])[0]), false, nil
}

// check finds a component whose shape the step does not take, or that holds other
// examples than the first.
func (p *Pipeline) check() error {
	examples := int64(-1)
	for i, name := range p.components {
		got, want := shapeOf(p.current[i]), p.shapes[i]
		fits := len(got) > 0 && (want.NumDimensions() < 0 || want.NumDimensions() == len(got))
		for d := 0; fits && d < want.NumDimensions(); d++ {
			fits = want.Size(d) < 0 || want.Size(d) == got[d]
		}
		if fits && examples < 0 {
			examples = got[0]
		}
		if !fits || got[0] != examples {
			return fmt.Errorf("%w: batch %d of the pass has %q of the shape %v, and the step takes %v of %d examples: mend the pipeline, or the model's input",
				ErrPipeline, p.drawn, name, got, want, max(examples, 0))
		}
	}
	return nil
}

// Bytes is the size of the current batch. Texts count without what they point to.
func (p *Pipeline) Bytes() int {
	if p == nil || p.enter() != nil {
		return 0
	}
	defer p.leave()
	n := 0
	for _, t := range p.current {
		n += sizeOf(t)
	}
	return n
}

// Shapes are those of the current batch, by component.
func (p *Pipeline) Shapes() map[string][]int64 {
	if p == nil || p.enter() != nil {
		return nil
	}
	defer p.leave()
	out := make(map[string][]int64)
	for i, t := range p.current {
		if t != nil {
			out[p.components[i]] = shapeOf(t)
		}
	}
	return out
}

// Hold keeps the current batch in memory. After Replay, each pass is the batches that
// were held.
func (p *Pipeline) Hold() {
	if p == nil || p.enter() != nil {
		return
	}
	defer p.leave()
	p.holding = append(p.holding, p.current...)
	clear(p.next.made) // they are not deleted with the next batch
}

// Replay makes each pass one of the batches that Hold has kept.
func (p *Pipeline) Replay() error {
	if p == nil {
		return ErrClosed
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	p.held = slices.Collect(slices.Chunk(p.holding, len(p.components)))
	p.current, p.drawn = p.next.made, 0
	return nil
}

// forget releases the current batch, unless it is held.
func (p *Pipeline) forget() {
	p.next.forget()
	dropAll(p.filled)
	p.current, p.filled = p.next.made, nil
}

// Close releases what the pipeline holds; the session keeps the pipeline itself. A
// second Close does nothing.
func (p *Pipeline) Close() error {
	if p != nil {
		release(p)
	}
	return nil
}

func (p *Pipeline) free() {
	for _, m := range []*making{p.make, p.rewind, p.next} {
		if m != nil {
			m.free()
		}
	}
	dropAll(p.holding)
	dropAll(p.filled)
	p.current, p.held, p.holding, p.filled = nil, nil, nil, nil
}
