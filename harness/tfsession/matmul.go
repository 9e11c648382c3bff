package tfsession

import (
	"fmt"
	"math"
	"time"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/galeone/tensorflow/tensorflow/go/op"
	tg "github.com/galeone/tfgo"
)

// MatMul times an n×n by n×n float32 matrix product on a graph that tfgo
// builds. It returns the seconds of the fastest of the runs and the largest
// deviation of a sampled row from the product computed here in float64.
func MatMul(n, runs int) (seconds, deviation float64, err error) {
	defer func() { // tfgo panics where others return an error
		if p := recover(); p != nil {
			err = fmt.Errorf("building a matrix product: %v", p)
		}
	}()
	root := tg.NewRoot()
	left := op.Placeholder(root.SubScope("left"), tf.Float)
	right := op.Placeholder(root.SubScope("right"), tf.Float)
	product := tg.NewTensor(root, left).MatMul(right).Output
	g, err := root.Finalize()
	if err != nil {
		return 0, 0, fmt.Errorf("building a matrix product: %w", err)
	}
	s, err := tf.NewSession(g, &tf.SessionOptions{})
	if err != nil {
		return 0, 0, fmt.Errorf("running a matrix product: %w", err)
	}
	defer s.Close()

	a, b := testMatrix(n, 1), testMatrix(n, 2)
	x, err := tf.NewTensor(a)
	if err != nil {
		return 0, 0, err
	}
	y, err := tf.NewTensor(b)
	if err != nil {
		return 0, 0, err
	}
	seconds = math.Inf(1)
	var result [][]float32
	for range runs {
		start := time.Now()
		out, err := s.Run(map[tf.Output]*tf.Tensor{left: x, right: y}, []tf.Output{product}, nil)
		seconds = min(seconds, time.Since(start).Seconds())
		if err != nil {
			return 0, 0, fmt.Errorf("running a matrix product: %w", err)
		}
		result = out[0].Value().([][]float32)
	}
	return seconds, rowDeviation(a, b, result, n/2), nil
}

// testMatrix holds small whole numbers, so that float32 sums are exact.
func testMatrix(n, seed int) [][]float32 {
	m := make([][]float32, n)
	for i := range m {
		m[i] = make([]float32, n)
		for k := range m[i] {
			m[i][k] = float32((i*7+k*3+seed)%5 - 2)
		}
	}
	return m
}

func rowDeviation(a, b, product [][]float32, row int) float64 {
	worst := 0.0
	for k := range product[row] {
		sum := 0.0
		for i := range b {
			sum += float64(a[row][i]) * float64(b[i][k])
		}
		worst = max(worst, math.Abs(sum-float64(product[row][k])))
	}
	return worst
}
