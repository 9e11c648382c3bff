package probe

import (
	"fmt"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/galeone/tensorflow/tensorflow/go/op"
	tg "github.com/galeone/tfgo"
)

// build returns the graph that add makes. tfgo panics where others return an error.
func build(add func(root *op.Scope)) (g *tf.Graph, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	root := tg.NewRoot()
	add(root)
	return root.Finalize()
}

// multiply adds the product of two matrices.
func multiply(root *op.Scope, left, right tf.Output) tf.Output {
	return tg.NewTensor(root, left).MatMul(right).Output
}

// computation is a graph that a call runs. Its inputs are variables, which stay on the
// device, so a call feeds nothing, unless that is what is timed, and fetches nothing.
type computation struct {
	root  *op.Scope
	start []*tf.Operation // fill the variables
	run   *tf.Operation
	fed   tf.Output // Op is nil where nothing is fed
}

// variable adds a variable, which is filled with random numbers from 0 to 1.
func (c *computation) variable(kind tf.DataType, dims ...int64) tf.Output {
	scope := c.root.SubScope("variable")
	handle := op.VarHandleOp(scope, kind, tf.MakeShape(dims...), op.VarHandleOpSharedName(fmt.Sprint("v", len(c.start))))
	shape := op.Const(scope.SubScope("shape"), dims)
	values := op.RandomUniform(scope, shape, kind, op.RandomUniformSeed(int64(len(c.start)+1)))
	c.start = append(c.start, op.AssignVariableOp(scope, handle, values))
	return handle
}

// read adds the value of a variable.
func (c *computation) read(variable tf.Output, kind tf.DataType) tf.Output {
	return op.ReadVariableOp(c.root.SubScope("read"), variable, kind)
}

// kernel is a computation that is tried at several sizes, from small to large.
type kernel struct {
	sizes []int
	work  func(size int) float64 // of a call, in floating-point operations or bytes
	bytes func(size int) float64 // of memory, of the largest of what a call reads and writes; nil: no size is large
	add   func(c *computation, size int)
}

// floatBytes is the size of a float32.
const floatBytes = 4

// product multiplies two n×n matrices.
func product(kind tf.DataType) kernel {
	return kernel{
		// What is slow here shows at a small size, and ends there.
		sizes: []int{128, 256, 512, 1024, 2048, 4096, 8192, 16384},
		work:  func(n int) float64 { return 2 * float64(n) * float64(n) * float64(n) },
		bytes: func(n int) float64 { return floatBytes * float64(n) * float64(n) },
		add: func(c *computation, n int) {
			left, right := c.variable(kind, int64(n), int64(n)), c.variable(kind, int64(n), int64(n))
			c.run = multiply(c.root, c.read(left, kind), c.read(right, kind)).Op
		},
	}
}

// The images and the kernel of a convolution, those of a middle layer of a ResNet-50.
const (
	imageSide     = 56
	imageChannels = 64
	kernelSide    = 3
)

// convolution convolves n images.
func convolution() kernel {
	return kernel{
		sizes: []int{1, 4, 16, 64, 256, 1024},
		work: func(n int) float64 {
			return 2 * float64(n) * imageSide * imageSide * kernelSide * kernelSide * imageChannels * imageChannels
		},
		bytes: func(n int) float64 { return floatBytes * float64(n) * imageSide * imageSide * imageChannels },
		add: func(c *computation, n int) {
			images := c.variable(tf.Float, int64(n), imageSide, imageSide, imageChannels)
			weights := c.variable(tf.Float, kernelSide, kernelSide, imageChannels, imageChannels)
			c.run = op.Conv2D(c.root, c.read(images, tf.Float), c.read(weights, tf.Float), []int64{1, 1, 1, 1}, "SAME").Op
		},
	}
}

// stream adds an array of n float32 to another in place: it reads two and writes one,
// and allocates nothing.
func stream(n int) kernel {
	return kernel{
		sizes: []int{n},
		work:  func(n int) float64 { return 3 * floatBytes * float64(n) },
		add: func(c *computation, n int) {
			to, from := c.variable(tf.Float, int64(n)), c.variable(tf.Float, int64(n))
			c.run = op.AssignAddVariableOp(c.root, to, c.read(from, tf.Float))
		},
	}
}

// upload feeds n float32 to a variable of the device.
func upload(n int) kernel {
	return kernel{
		sizes: []int{n},
		work:  func(n int) float64 { return floatBytes * float64(n) },
		add: func(c *computation, n int) {
			c.fed = op.Placeholder(c.root.SubScope("fed"), tf.Float, op.PlaceholderShape(tf.MakeShape(int64(n))))
			c.run = op.AssignVariableOp(c.root, c.variable(tf.Float, int64(n)), c.fed)
		},
	}
}

// download copies n float32 of a variable of the device to the host.
func download(n int) kernel {
	return kernel{
		sizes: []int{n},
		work:  func(n int) float64 { return floatBytes * float64(n) },
		add: func(c *computation, n int) {
			there := c.read(c.variable(tf.Float, int64(n)), tf.Float)
			c.run = op.Identity(c.root.SubScope("here").WithDevice("/device:CPU:0"), there).Op
		},
	}
}
