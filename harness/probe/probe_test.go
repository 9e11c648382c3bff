package probe

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/galeone/tensorflow/tensorflow/go/op"

	"epochtime/harness/record"
	"epochtime/harness/tfsession"
)

// short are options of a probe that takes little time.
func short() Options {
	return Options{Session: tfsession.Options{Device: "cpu"}, Slice: 5 * time.Millisecond, Room: 64 << 20}
}

func TestRates(t *testing.T) {
	rates, err := Rates(t.Context(), short())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]record.Rate{}
	for _, r := range rates {
		found[r.Name] = r
		t.Logf("%s %g %s %s", r.Name, r.Value.Median, r.Unit, r.Note)
	}
	for _, name := range []string{"matmul-float32", "matmul-bfloat16", "matmul-float16", "conv-float32", "memory", "empty-step", "empty-step-caller-thread"} {
		if found[name].Value.Median <= 0 {
			t.Errorf("%s is %+v, want a rate", name, found[name])
		}
	}
	for _, name := range []string{"to-device", "from-device"} {
		if r := found[name]; r.Value.Median != 0 || !strings.Contains(r.Note, "not applicable on cpu") {
			t.Errorf("%s is %+v, want a note alone", name, r)
		}
	}
	if len(rates) != len(found) || len(rates) != 9 {
		t.Errorf("%d rates of %d names", len(rates), len(found))
	}
}

func TestProduct(t *testing.T) {
	seconds, deviation, err := Product(64, 2)
	if err != nil || deviation != 0 || seconds <= 0 {
		t.Errorf("Product = %v s, deviation %v, %v", seconds, deviation, err)
	}
}

func TestNoProduct(t *testing.T) {
	for _, wrong := range [][2]int{{0, 1}, {1, 0}, {-1, 1}} {
		if _, _, err := Product(wrong[0], wrong[1]); err == nil {
			t.Errorf("%v: an empty product must be an error, not a panic", wrong)
		}
	}
}

// What tfgo panics with is an error.
func TestBuildContainsPanics(t *testing.T) {
	if _, err := build(func(*op.Scope) { panic("no such shape") }); err == nil || !strings.Contains(err.Error(), "no such shape") {
		t.Errorf("the error is %v", err)
	}
}

func TestNoSuchDevice(t *testing.T) {
	for _, device := range []string{"gpu", "abacus", ""} {
		o := short()
		o.Session.Device = device
		if _, err := Rates(t.Context(), o); !errors.Is(err, tfsession.ErrDevice) {
			t.Errorf("device %q: %v, want ErrDevice", device, err)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Rates(ctx, short()); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that of the context", err)
	}
}

// What the device cannot compute is a note, and so is memory that does not suffice,
// once no size fits.
func TestWhatTheDeviceLacks(t *testing.T) {
	wrong := kernel{
		sizes: []int{2}, work: func(int) float64 { return 1 },
		add: func(c *computation, n int) {
			c.run = op.MatMul(c.root, op.Const(c.root.SubScope("a"), [][]float32{{1, 2}}), op.Placeholder(c.root.SubScope("b"), 1)).Op
		},
	}
	r, err := short().rate(t.Context(), "matmul-float8", record.FlopPerSecond, wrong)
	if err != nil || r.Value.Median != 0 || r.Note == "" || strings.Contains(r.Note, "\n") || len(r.Note) > 250 {
		t.Errorf("the rate is %+v, %v; want a short note alone", r, err)
	}
}

// Inputs come to the device by a feed and leave it by a copy, on any device.
func TestTransfers(t *testing.T) {
	for _, k := range []kernel{upload(1 << 10), download(1 << 10)} {
		if v, err := short().best(t.Context(), k); err != nil || v <= 0 {
			t.Errorf("a rate of %v, %v", v, err)
		}
	}
}

func TestElements(t *testing.T) {
	for want, o := range map[int]Options{
		16 << 20:  {},                               // 64 MiB
		128 << 20: {Cache: 128 << 20},               // four times the cache
		2 << 20:   {Cache: 1 << 40, Room: 64 << 20}, // an eighth of what is free
		256 << 10: {Room: 1},                        // an array all the same
	} {
		if got := o.elements(); got != want {
			t.Errorf("%+v: %d elements, want %d", o, got, want)
		}
	}
}

// A size without room for it is not begun: the kernel would end the process.
func TestSizesHaveRoom(t *testing.T) {
	begun := 0
	k := product(tf.Float)
	k.sizes = []int{16, 64, 1 << 20} // the last takes 4 TiB
	add := k.add
	k.add = func(c *computation, n int) {
		begun = max(begun, n)
		add(c, n)
	}
	k.work = func(int) float64 { return 1 } // no size would take too long
	o := short()
	o.Slice = 50 * time.Millisecond
	if _, err := o.best(t.Context(), k); err != nil || begun != 64 {
		t.Errorf("size %d was begun: %v", begun, err)
	}
	if o.Session.Device = "gpu"; !o.fits(k, 1<<20) {
		t.Error("an accelerator has memory of its own")
	}
}
