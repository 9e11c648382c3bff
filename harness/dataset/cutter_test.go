package dataset

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
)

// lines cuts after newlines.
func lines(data []byte, last bool) (end, need int, err error) {
	end = bytes.LastIndexByte(data, '\n') + 1
	if last {
		end = len(data)
	}
	return end, 2 * len(data), nil
}

// Runs are whole records, whatever pieces they come in, and join to the stream.
func TestCutter(t *testing.T) {
	content := strings.Repeat("short\n", ChunkBytes/5) + strings.Repeat("long", ChunkBytes) + "\n" + "no end"
	for name, from := range map[string]io.Reader{
		"whole": strings.NewReader(content), "pieces": iotest.HalfReader(strings.NewReader(content)), "with its end": iotest.DataErrReader(strings.NewReader(content)),
	} {
		t.Run(name, func(t *testing.T) {
			c := Cutter{from: io.NopCloser(from), cut: lines, size: int64(len(content))}
			var all strings.Builder
			for {
				run, err := c.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(run) == 0 || run[len(run)-1] != '\n' && all.Len()+len(run) < len(content) {
					t.Fatalf("a run of %d bytes does not end a line", len(run))
				}
				all.Write(run)
				if left := c.Ahead(run) * float64(len(run)); math.Round(left) != float64(len(content)-all.Len()) {
					t.Fatalf("%g bytes are ahead of %d", left, len(content)-all.Len())
				}
				Recycle(run)
			}
			if all.String() != content {
				t.Errorf("%d bytes came of %d", all.Len(), len(content))
			}
		})
	}
}

func TestCutterErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]*Cutter{
		"read": {from: io.NopCloser(iotest.ErrReader(broken)), cut: lines},
		"cut":  {from: io.NopCloser(strings.NewReader("x")), cut: func([]byte, bool) (int, int, error) { return 0, 0, broken }},
	} {
		if _, err := c.Next(); !errors.Is(err, broken) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	never := Cutter{from: io.NopCloser(strings.NewReader("x")), cut: func([]byte, bool) (int, int, error) { return 0, 0, nil }}
	if _, err := never.Next(); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a record without an end: %v", err)
	}
}
