package train_test

import (
	"testing"

	"epochtime/harness/train"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	all := kinds(t)
	closed := all["fed"]
	closed.Close()
	zerocheck.Run(t, ".", map[string]any{
		"Open": train.Open, "OpenStream": train.OpenStream, "OpenPipeline": train.OpenPipeline, "Values": train.Values[float32],
	}, closed, &train.LengthsError{}, &train.Metrics{})
	for _, tr := range all { // they end closed too
		zerocheck.Methods(t, tr)
		tr.Close()
	}
}
