package graph

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	functions := map[string]any{
		"DTypeOf": DTypeOf[float32], "Count": Count, "View": View[float32], "Bytes": Bytes[float32], "Allocate": Allocate,
		"NewConverter": NewConverter, "Find": Find, "List": List, "Open": Open, "ParsePreprocess": ParsePreprocess, "ParseImageSize": ParseImageSize, "Hash": Hash,
	}
	float := DType("float32")
	zerocheck.Run(t, ".", functions, &float, &NotFoundError{}, &Parity{}, &Preprocess{}, &Variant{}, &WeightsFile{}, &Stored{}, &Manifest{}, &Script{}, &Validation{}, &File{})
}
