package tfsession

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"epochtime/harness/graph"
)

// everything is one of each type that owns C memory, of one session.
type everything struct {
	session   *Session
	step      *Step
	buffers   *Buffers
	maker     *Maker
	layers    *Layers
	decoder   *ImageDecoder
	resident  *Resident
	data      *Data
	preloaded *Preloaded
	total     *Total

	prediction *Prediction
	evaluation *Evaluation
}

// openEverything opens two sessions, since no graph has layers and resident data.
func openEverything(t testing.TB) (one, two *everything) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	one, two = &everything{}, &everything{}
	for e, m := range map[*everything]*graph.Manifest{one: openGraph(t, "linear"), two: layersGraph()} {
		e.session, err = Open(m, Options{Device: "cpu"})
		must(err)
		t.Cleanup(func() { e.session.Close() })
		e.step, err = e.session.Train()
		must(err)
	}
	one.buffers, err = one.session.NewBuffers([]int{40, 40})
	must(err)
	one.resident, err = one.session.Resident()
	must(err)
	one.total, err = one.session.Total()
	must(err)
	one.data, err = one.session.NewData([][]int64{{10, 1}, {10, 1}})
	must(err)
	one.preloaded, err = one.step.Preloaded()
	must(err)
	one.prediction, err = one.session.Predict()
	must(err)
	one.evaluation, err = one.session.Evaluate()
	must(err)
	two.buffers, err = two.session.NewBuffers([]int{128, 8, 8})
	must(err)
	two.layers, err = two.session.Layers()
	must(err)
	two.maker, err = two.layers.Maker()
	must(err)
	one.decoder, err = NewImageDecoder(4, 4, 3, graph.Float32)
	must(err)
	t.Cleanup(func() { one.decoder.Close() })
	return one, two
}

// calls are what may be called of it, each on its own but for the Close of others.
func (e *everything) calls(t testing.TB) map[string]func() error {
	batch := [][]byte{make([]byte, 40), make([]byte, 40)}
	shapes := [][]int64{{10, 1}, {10, 1}}
	calls := map[string]func() error{
		"Session.Reset":   e.session.Reset,
		"Session.Devices": func() error { _, err := e.session.Devices(); return err },
		"Session.Variable": func() error {
			_, err := e.session.Variable(graph.Variable{Tensor: "none:0"})
			if errors.Is(err, ErrGraph) {
				return nil
			}
			return err
		},
		"Session.NewBuffers": func() error {
			b, err := e.session.NewBuffers(make([]int, len(e.session.gathered)))
			return errors.Join(err, b.Close())
		},
		"Session.Train":  func() error { s, err := e.session.Train(); return errors.Join(err, s.Close()) },
		"Session.Layers": func() error { _, err := e.session.Layers(); return err },
		"Buffers.Bytes": func() error {
			if e.buffers.Bytes() == nil {
				return ErrClosed
			}
			return nil
		},
	}
	if e.maker != nil {
		calls["Layers.Maker"] = func() error { m, err := e.layers.Maker(); return errors.Join(err, m.Close()) }
		calls["Maker.Make"] = func() error {
			for i, shape := range [][]int64{{2}, {2, 1}, {2}} {
				if err := e.maker.Shape(e.buffers, i, shape); err != nil {
					return err
				}
			}
			return e.maker.Make(2)
		}
		return calls
	}
	calls["Step.Run"] = func() error {
		for i, shape := range shapes {
			if err := e.step.Shape(e.buffers, i, shape); err != nil {
				return err
			}
		}
		_, err := e.step.Run()
		return err
	}
	calls["Prediction.Run"] = func() error {
		return onBatch(e.session, e.prediction, func() error { _, err := e.prediction.Run(); return err })
	}
	calls["Evaluation"] = func() error {
		if err := e.evaluation.Reset(); err != nil {
			return err
		}
		if err := onBatch(e.session, e.evaluation, e.evaluation.Add); err != nil {
			return err
		}
		_, err := e.evaluation.Metrics()
		return err
	}
	calls["Session.Assign"] = func() error {
		return e.session.Assign(nil, nil)
	}
	calls["Preloaded.Add"] = func() error { return e.preloaded.Add(batch, shapes) }
	calls["Resident"] = func() error { r, err := e.session.Resident(); return errors.Join(err, r.Close()) }
	calls["Total"] = func() error { total, err := e.session.Total(); return errors.Join(err, total.Close()) }
	calls["Accumulate"] = func() error { step, err := e.session.Accumulate(); return errors.Join(err, step.Close()) }
	calls["Total.Read"] = func() error { _, _, err := e.total.Read(); return err }
	calls["Total.Clear"] = e.total.Clear
	calls["Resident.Upload"] = func() error {
		data, err := e.session.NewData(shapes)
		if err != nil {
			return err
		}
		return e.resident.Upload(data, make([][]int32, 2))
	}
	calls["Data.Bytes"] = func() error {
		if e.data.Bytes() == nil {
			return ErrClosed
		}
		return nil
	}
	calls["ImageDecoder.Decode"] = func() error {
		return e.decoder.Decode(imageFiles(t)[0], make([]byte, 4*4*4*3))
	}
	return calls
}

// onBatch calls run on a batch of its own of the graph linear.
func onBatch(s *Session, to interface {
	Shape(b *Buffers, i int, shape []int64) error
}, run func() error,
) error {
	b, err := s.NewBuffers([]int{40, 40})
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := to.Shape(b, i, []int64{10, 1}); err != nil {
			return err
		}
	}
	return errors.Join(run(), b.Close())
}

// closers close what there is of it.
func (e *everything) closers() []func() error {
	closers := []func() error{e.session.Close, e.step.Close, e.buffers.Close}
	if e.maker != nil {
		return append(closers, e.maker.Close)
	}
	return append(closers, e.decoder.Close, e.resident.Close, e.total.Close, e.data.Close, e.preloaded.Close, e.prediction.Close, e.evaluation.Close)
}

func TestUseAfterClose(t *testing.T) {
	one, two := openEverything(t)
	for _, e := range []*everything{one, two} {
		calls := e.calls(t)
		for name, call := range calls {
			if err := call(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 2 { // the second time closes nothing
			for _, end := range e.closers() {
				if err := end(); err != nil {
					t.Errorf("closing: %v", err)
				}
			}
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, ErrClosed) {
				t.Errorf("%s after Close: %v, want ErrClosed", name, err)
			}
		}
	}
	_, run := one.step.Run()
	_, _, traced := one.step.RunTraced()
	_, preloaded := one.step.Preloaded()
	_, _, epoch := one.resident.Epoch(1)
	for name, err := range map[string]error{
		"Run": run, "RunTraced": traced, "Preloaded": preloaded, "Preloaded.Run": one.preloaded.Run(1), "Epoch": epoch,
		"Upload": one.resident.Upload(one.data, nil),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v, want ErrClosed", name, err)
		}
	}
	if kept := one.step.CheckKept(one.buffers); kept != nil {
		t.Errorf("CheckKept after Close: %v", kept)
	}
	two.maker.Drop()
}

// A part that is closed takes nothing with it.
func TestPartsCloseAlone(t *testing.T) {
	one, _ := openEverything(t)
	calls := one.calls(t)
	for _, end := range []func() error{one.data.Close, one.preloaded.Close, one.resident.Close} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	if err := calls["Step.Run"](); err != nil {
		t.Error(err)
	}
	if err := one.buffers.Close(); err != nil {
		t.Fatal(err)
	}
	if err := calls["Step.Run"](); !errors.Is(err, ErrClosed) {
		t.Errorf("a step on closed buffers: %v, want ErrClosed", err)
	}
}

// Whatever runs while others close, ends well or with ErrClosed.
func TestCloseWhileRunning(t *testing.T) {
	for seed := range uint64(8) {
		one, two := openEverything(t)
		var wg sync.WaitGroup
		var ran atomic.Uint64
		for _, e := range []*everything{one, two} {
			for name, call := range e.calls(t) {
				wg.Go(func() {
					for range 1000 {
						if err := call(); err != nil {
							if !errors.Is(err, ErrClosed) {
								t.Errorf("seed %d: %s: %v", seed, name, err)
							}
							return
						}
						ran.Add(1)
					}
				})
			}
			closers := e.closers()
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(closers), func(i, k int) { closers[i], closers[k] = closers[k], closers[i] })
			wg.Go(func() {
				for ran.Load() < 100*seed {
					runtime.Gosched()
				}
				for _, end := range closers {
					wg.Go(func() { end() }) //nolint:errcheck // TestUseAfterClose looks at it
					end()                   //nolint:errcheck // it too
				}
			})
		}
		wg.Wait()
	}
}

// Parts of one session are none of another's.
func TestPartsOfAnotherSession(t *testing.T) {
	one, two := openEverything(t)
	for i, shape := range [][]int64{{10, 1}, {10, 1}} {
		if err := one.step.Shape(two.buffers, i, shape); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := one.step.Run(); !errors.Is(err, ErrStep) {
		t.Errorf("buffers of another session: %v, want ErrStep", err)
	}
	one.step.Made(two.maker)
	if _, err := one.step.Run(); err == nil {
		t.Error("what the layers of another session made is fed")
	}
	other, _ := openEverything(t)
	if err := one.resident.Upload(other.data, make([][]int32, 2)); !errors.Is(err, ErrStep) {
		t.Errorf("data of another session: %v, want ErrStep", err)
	}
}
