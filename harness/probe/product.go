package probe

import (
	"errors"
	"fmt"
	"math"
	"time"

	tf "github.com/galeone/tensorflow/tensorflow/go"
	"github.com/galeone/tensorflow/tensorflow/go/op"
)

// Product times an n×n by n×n float32 matrix product of fed matrices. It returns the
// seconds of the fastest of the runs and the largest deviation of a sampled row from
// the product computed here in float64.
func Product(n, runs int) (seconds, deviation float64, err error) {
	if n < 1 || runs < 1 {
		return 0, 0, fmt.Errorf("%d products of %d rows: it takes 1 or more of each", runs, n)
	}
	var left, right, product tf.Output
	g, err := build(func(root *op.Scope) {
		left = op.Placeholder(root.SubScope("left"), tf.Float)
		right = op.Placeholder(root.SubScope("right"), tf.Float)
		product = multiply(root, left, right)
	})
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
		rows, ok := out[0].Value().([][]float32)
		if !ok {
			return 0, 0, errors.New("running a matrix product: it is no matrix")
		}
		result = rows
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
