package tfsession

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	corepb "github.com/galeone/tensorflow/tensorflow/go/core/protobuf/for_core_protos_go_proto"
	"github.com/galeone/tensorflow/tensorflow/go/op"
	tg "github.com/galeone/tfgo"
	"google.golang.org/protobuf/proto"

	"epochtime/harness/graph"
	"epochtime/internal/tstring"
)

// ErrImage: a file is no image that TensorFlow decodes. Test with errors.Is.
var ErrImage = errors.New("cannot decode the image")

// ImageDecoder decodes image files (JPEG, PNG, BMP, WebP of three channels, and the
// first frame of GIF and WebP) to one size as keras.utils.image_dataset_from_directory
// does: bilinear, not antialiased, without alpha, values 0 … 255. What a file is
// called does not matter. Goroutines may share it. Close waits for those that decode;
// after it Decode returns ErrClosed.
type ImageDecoder struct {
	life
	session          *tf.Session
	contents, pixels tf.Output
	opaque           []tf.Output // pixels of a WebP with alpha or frames, of which TensorFlow decodes four channels alone; none: to gray
	options          []byte      // RunOptions
	size             int         // bytes of a decoded image

	mu   sync.Mutex
	idle []*decoding
	all  []*decoding
}

// decoding is one goroutine's call, and the memory it reads a file into.
type decoding struct {
	call   *making
	opaque *making // or nil
	file   *buffer
	size   int // of the file that was read
}

// NewImageDecoder makes a decoder on the CPU to height × width × channels (1 or
// 3) float32 or uint8, which cuts fractions off. Open the session that trains
// first: the threads of the process are those that the first session asks for.
func NewImageDecoder(height, width, channels int, d graph.DType) (decoder *ImageDecoder, err error) {
	defer func() { // tfgo panics where others return an error
		if p := recover(); p != nil {
			decoder, err = nil, fmt.Errorf("building a graph that decodes images: %v", p)
		}
	}()
	if channels != 1 && channels != 3 {
		return nil, fmt.Errorf("%w: images of %d channels: there are images of 1 and of 3", ErrImage, channels)
	}
	if height < 1 || width < 1 || d != graph.Float32 && d != graph.Uint8 {
		return nil, fmt.Errorf("%w: to %d×%d %s: images are decoded to float32 or uint8", ErrImage, height, width, d)
	}
	out := &ImageDecoder{size: height * width * channels * d.Size()}
	root := tg.NewRoot()
	out.addDecoding(root, []int32{int32(height), int32(width)}, channels, d)
	g, err := root.Finalize()
	if err != nil {
		return nil, fmt.Errorf("building a graph that decodes images: %w", err)
	}
	if out.options, err = proto.Marshal(&corepb.RunOptions{InterOpThreadPool: -1}); err != nil { // on the thread that calls
		return nil, err
	}
	config, err := proto.Marshal(&corepb.ConfigProto{DeviceCount: map[string]int32{"GPU": 0}})
	if err != nil {
		return nil, err
	}
	if out.session, err = tf.NewSession(g, &tf.SessionOptions{Config: config}); err != nil {
		return nil, fmt.Errorf("a session that decodes images: %w", err)
	}
	out.open = true
	return out, nil
}

// addDecoding adds the operations that decode to a size.
func (d *ImageDecoder) addDecoding(root *op.Scope, size []int32, channels int, to graph.DType) {
	d.contents = op.Placeholder(root.SubScope("contents"), tf.String, op.PlaceholderShape(tf.ScalarShape()))
	decode := func(channels int) tf.Output {
		return op.DecodeImage(root.SubScope("decoded"), d.contents, op.DecodeImageChannels(int64(channels)), op.DecodeImageExpandAnimations(false))
	}
	resized := func(image tf.Output) tf.Output {
		scope := root.SubScope("resized")
		images := op.ExpandDims(scope, image, tg.Const(scope.SubScope("axis"), int32(0)))
		pixels := op.ResizeBilinear(scope, images, tg.Const(scope.SubScope("size"), size), op.ResizeBilinearHalfPixelCenters(true))
		if to == graph.Uint8 {
			pixels = op.Cast(scope, pixels, tf.Uint8)
		}
		return pixels
	}
	d.pixels = resized(decode(channels))
	if channels == 3 {
		begin, colours := tg.Const(root.SubScope("begin"), []int32{0, 0, 0}), tg.Const(root.SubScope("colours"), []int32{-1, -1, 3})
		d.opaque = []tf.Output{resized(op.Slice(root, decode(4), begin, colours))}
	}
}

// Decode writes the image in a file to dst. Errors are ErrImage and those of
// reading the file; each names it.
func (d *ImageDecoder) Decode(path string, dst []byte) error {
	if d == nil {
		return ErrClosed
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if len(dst) != d.size {
		return fmt.Errorf("%w: %s: it takes %d bytes, and there is room for %d", ErrImage, path, d.size, len(dst))
	}
	c := d.take()
	defer d.put(c)
	if err := c.read(path); errors.Is(err, ErrImage) {
		return err
	} else if err != nil {
		return fmt.Errorf("reading an image: %w", err)
	}
	call, err := c.run()
	switch {
	case errors.Is(err, ErrStep): // it is the file that is at fault
		what, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), ErrStep.Error()+": "), "\n") // the operation's name follows
		return fmt.Errorf("%w: %s: %s: save it anew, as JPEG or PNG", ErrImage, path, strings.TrimRight(what, ". "))
	case err != nil:
		return fmt.Errorf("decoding %s: %w", path, err)
	}
	if copy(dst, call.bytes(0)) != d.size {
		return fmt.Errorf("%w: %s: it decoded to another size", ErrImage, path)
	}
	return nil
}

// run decodes the file that was read, and returns the call that has the pixels.
func (c *decoding) run() (*making, error) {
	err := c.call.run()
	if c.opaque == nil || !errors.Is(err, ErrStep) || !c.isWebP() {
		return c.call, err
	}
	c.opaque.tensors[0] = c.call.tensors[0]
	return c.opaque, c.opaque.run()
}

// isWebP reports whether the file that was read begins as WebP does.
func (c *decoding) isWebP() bool { return isWebP(c.file.bytes[graph.String.Size():][:c.size]) }

func isWebP(file []byte) bool {
	return len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP"
}

// take returns a call that nobody else uses.
func (d *ImageDecoder) take() *decoding {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.idle); n > 0 {
		c := d.idle[n-1]
		d.idle = d.idle[:n-1]
		return c
	}
	c := &decoding{call: newMaking(d.session, []tf.Output{d.contents}, []tf.Output{d.pixels}, d.options)}
	if d.opaque != nil {
		c.opaque = newMaking(d.session, []tf.Output{d.contents}, d.opaque, d.options)
	}
	d.all = append(d.all, c)
	return c
}

func (d *ImageDecoder) put(c *decoding) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, c)
}

// Close frees what the decoder holds. A second Close does nothing.
func (d *ImageDecoder) Close() error {
	if d == nil {
		return nil
	}
	var err error
	d.end(func() {
		err = d.session.Close()
		for _, c := range d.all {
			c.free()
		}
	})
	return err
}

// calls are those that there are.
func (c *decoding) calls() []*making {
	if c.opaque == nil {
		return []*making{c.call}
	}
	return []*making{c.call, c.opaque}
}

// forget releases what was decoded.
func (c *decoding) forget() {
	for _, call := range c.calls() {
		call.forget()
	}
}

func (c *decoding) free() {
	for _, call := range c.calls() {
		call.free()
	}
	if c.file != nil {
		c.file.free()
	}
}

// read makes the content of a file what the call is fed.
func (c *decoding) read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	record, size := graph.String.Size(), int(info.Size())
	c.size = size
	if err := c.grow(record + size + 1); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	content := c.file.bytes[record : record+size]
	if _, err := io.ReadFull(f, content); err != nil {
		return fmt.Errorf("%s became shorter while it was read: %w", path, err)
	}
	if why := misread(content); why != "" {
		return fmt.Errorf("%w: %s: %s: save it anew, as JPEG or PNG", ErrImage, path, why)
	}
	tstring.Put(c.file.bytes, 0, record, content)
	c.call.tensors[0], err = c.file.tensor(nil)
	return err
}

// grow makes the memory that files are read into large enough.
func (c *decoding) grow(size int) error {
	if c.file != nil && len(c.file.bytes) >= size {
		return nil
	}
	if c.file != nil {
		c.forget()
		c.file.free()
	}
	var err error
	c.file, err = newBuffer(graph.String, size+size/2)
	return err
}
