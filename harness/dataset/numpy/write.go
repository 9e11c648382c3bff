package numpy

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// Write writes the examples of a set as an .npz archive that is not compressed: an
// array for each column, and for sequences of different lengths their rows end to end,
// with their lengths in NAME.lengths. The error is dataset.ErrUnfit for strings and for
// image files, which have no such form.
func Write(w io.Writer, set *dataset.Set) error {
	if w == nil || set == nil {
		return errors.New("writing examples: the set or the writer is missing")
	}
	archive := zip.NewWriter(w)
	var err error
	lost := set.Guard(func() {
		for _, c := range set.Columns() {
			if err == nil {
				err = writeColumn(archive, c)
			}
		}
	})
	return cmp.Or(lost, err, archive.Close())
}

func writeColumn(archive *zip.Writer, c *dataset.Column) error {
	if c.Images() || c.DType() == graph.String {
		return fmt.Errorf("%w: %s holds texts or image files, and only numbers can be given to another program", dataset.ErrUnfit, c.Name())
	}
	shape := append([]int{c.Examples()}, c.Shape()...)
	if c.Ragged() {
		lengths := make([]int64, c.Examples())
		shape[0] = 0
		for i := range lengths {
			lengths[i] = int64(c.Length(i))
			shape[0] += c.Length(i)
		}
		text, err := binary.Append(nil, binary.LittleEndian, lengths)
		if err != nil {
			return err
		}
		if err := writeArray(archive, c.Name()+".lengths", graph.Int64, []int{len(lengths)}, text); err != nil {
			return err
		}
	}
	return writeArray(archive, c.Name(), c.DType(), shape, c.Rows(0, c.Examples()))
}

// writeArray writes an array in the form of numpy.lib.format, version 1.
func writeArray(archive *zip.Writer, name string, dtype graph.DType, shape []int, data []byte) error {
	file, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	var dimensions []string
	for _, n := range shape {
		dimensions = append(dimensions, strconv.Itoa(n)+",")
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", codeOf(dtype), strings.Join(dimensions, " "))
	lead := len(magic) + 4
	text += string(bytes.Repeat([]byte(" "), (64-(lead+len(text)+1)%64)%64)) + "\n"
	head := binary.LittleEndian.AppendUint16(append(bytes.Clone(magic), 1, 0), uint16(len(text)))
	_, err = file.Write(slices.Concat(head, []byte(text)))
	if err == nil {
		_, err = file.Write(data)
	}
	return err
}

// codeOf returns NumPy's code of a type of numbers.
func codeOf(dtype graph.DType) string {
	for code, d := range numberTypes {
		if d == dtype {
			return code
		}
	}
	return ""
}
