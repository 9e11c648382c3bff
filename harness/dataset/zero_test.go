package dataset

import (
	"io/fs"
	"testing"

	"epochtime/harness/graph"
	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	functions := map[string]any{
		"New": New, "Of": Of[float32], "Raw": Raw, "Texts": Texts, "Images": Images, "Ragged": Ragged, "Windows": Windows, "First": First,
		"NewStream": NewStream, "Synthetic": Synthetic, "Errorf": Errorf, "Mark": Mark, "NewBuilder": NewBuilder, "NewSink": NewSink,
		"ReadError": ReadError, "Roles": Roles, "Unclear": Unclear, "NoColumns": NoColumns, "CalledAlike": CalledAlike, "ParseNumber": ParseNumber, "ScanDecimal": ScanDecimal, "IsMissing": IsMissing,
		"SplitSource": SplitSource, "ArrayEndings": ArrayEndings, "LabelName": LabelName, "HasEnding": HasEnding, "TokenKinds": TokenKinds,
		"Headers": Headers, "NewSurvey": NewSurvey, "Decompress": Decompress, "CheckFile": CheckFile, "Compression": Compression, "Recycle": Recycle, "NewPart": NewPart, "FillIn": FillIn, "Packed": Packed, "Expand": Expand, "WithoutEmpty": WithoutEmpty, "Unpacked": Unpacked,
	}
	closed := ragged3(t)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	column := Of("x", []int{2}, []float32{1, 2})
	zerocheck.Run(t, ".", functions, closed, &column, &Stream{}, &Offer{}, NewBuilder(t.Context(), "b", 0), NewSink(graph.Tensor{Name: "x", DType: graph.Int8}),
		&Part{Examples: 1}, &Cutter{}, &Tables{Called: "tables"}, &Choice{Take: 1}, &Decimal{Digits: 1})
}

// quiet calls f and reports a panic as an error of the test.
func quiet(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s panics: %v", what, p)
		}
	}()
	f()
}

// Wrong arguments are errors or nothing, in every method that takes a number.
func TestMisuseDoesNotPanic(t *testing.T) {
	s := ragged3(t)
	for _, c := range s.Columns() {
		for _, n := range []int{-1 << 62, -1, 0, 2, 3, 4, 1 << 62} {
			quiet(t, c.Name(), func() {
				_, _, _, _ = c.Text(n), c.TextSize(n), c.Length(n), c.File(n)
				_, _, _ = c.Rows(n, 3), c.Rows(0, n), c.Rows(n, n)
				_, _ = c.RowRange(n, 3)
				_, _ = New("", Windows(*c, n, 1), Windows(*c, 0, n), First(*c, n), Ragged(*c, []int{n}))
			})
		}
	}
	quiet(t, "a closed set", func() {
		_ = s.Close()
		_ = s.Close()
		_ = s.Fit(&graph.Manifest{Inputs: make([]graph.Tensor, 1)})
		_ = s.Column("x").Rows(0, 3)
	})
	quiet(t, "a tensor without a shape", func() {
		m := &graph.Manifest{Inputs: []graph.Tensor{{Name: "x"}, {Name: "y", DType: graph.Int64}}}
		_ = s.Fit(m)
		_, _ = Synthetic(m, 3, 1)
	})
}

// A file that is not there is fs.ErrNotExist too.
func TestMissingFile(t *testing.T) {
	b := NewBuilder(t.Context(), "", 0)
	_, _, err := b.Open("nowhere")
	wantError(t, err, fs.ErrNotExist, "nowhere")
	wantError(t, err, ErrUnreadable)
	_, err = b.List("nowhere")
	wantError(t, err, fs.ErrNotExist, "nowhere")
	wantError(t, err, ErrUnreadable)
}
