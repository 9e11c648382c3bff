package csv_test

import (
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"", "x,s\n1,a\n", "x,s\n1,\"a\nb\"\n", "x\ts\n", "s,x\r\na,1\r\n\r\n", "x,s\n1,a", "\ufeffx,s\n1,\"", "x,s\n,\n", "x,s\r1,a\r2,b", "s;x\n1,5;2\n",
		"x,s\n 1.0 ,\"\"\"\"\n", "\xff\xfex\x00,\x00s\x00\n\x001\x00,\x00a\x00", "1,2\n3,4\n",
	} {
		f.Add(seed, "")
		f.Add(strings.ReplaceAll(seed, ",", "\t"), dataset.HeaderFirst)
		f.Add(seed, dataset.HeaderNone)
	}
	path := datatest.File(f, "d.csv", "")
	f.Fuzz(func(t *testing.T, content, header string) {
		datatest.Overwrite(t, path, content)
		q := dataset.Request{
			Sources: []string{path}, Header: header, Tensors: []graph.Tensor{testgraph.Tensor("x", graph.Float32), testgraph.Tensor("s", graph.String)},
		}
		if header == dataset.HeaderNone {
			q.Columns = map[string]string{"x": "0", "s": "1"}
		}
		if s := datatest.Sound(t, q); s != nil {
			datatest.Close(t, s)
		}
	})
}
