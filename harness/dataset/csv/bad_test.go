package csv_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

var (
	number = []graph.Tensor{testgraph.Tensor("x", graph.Float32), datatest.Label("y", 10)}
	many   = strings.Repeat("1,2\n", dataset.ChunkBytes)
)

// faults are files that are refused, and what is said of them.
var faults = []struct {
	name, file, content string
	tensors             []graph.Tensor
	kind                error
	words               []string
}{
	{"empty", "d.csv", "", number, dataset.ErrUnreadable, []string{"d.csv is empty"}},
	{"no examples", "d.csv", "x,y\n", number, dataset.ErrUnfit, []string{"d.csv holds no examples"}},
	{"names only, unended", "d.csv", "x,y", number, dataset.ErrUnfit, []string{"d.csv holds no examples"}},
	{"blank lines", "d.csv", "\n \n\r\n", number, dataset.ErrUnreadable, []string{"d.csv is empty"}},
	{"missing column", "d.csv", "a,b,y\n1,2,3\n", number, dataset.ErrUnfit, []string{"no column for x", "it holds a, b, y", "name what feeds it"}},
	{"missing value", "d.csv", "x,y\n1,2\n,3\n", number, dataset.ErrUnfit, []string{"d.csv line 3: column x has no value"}},
	{"text", "d.csv", "x,y\n1,red\n", number, dataset.ErrUnfit, []string{"line 2: column y", `"red"`, "StringLookup"}},
	{"fraction", "d.csv", "x,y\n1,1.5\n", number, dataset.ErrUnfit, []string{"line 2: column y has the value 1.5, the graph takes int32"}},
	{"nan", "d.csv", "x,y\n1,1\nnan,1\n", number, dataset.ErrUnfit, []string{"line 3: column x has the value NaN"}},
	{"infinite", "d.csv", "x,y\n1e39,1\n", number, dataset.ErrUnfit, []string{"line 2: column x has the value"}},
	{"label", "d.csv", "x,y\n1,1\n1,10\n", number, dataset.ErrUnfit, []string{"line 3: column y has the value 10, the graph knows 0 to 9"}},
	{"too large", "d.csv", "x,y\n1,99999999999999999999\n", number, dataset.ErrUnfit, []string{"line 2: column y has the value 99999999999999999999"}},
	{"ragged", "d.csv", "x,y\n1,2\n1,2,3\n", number, dataset.ErrUnreadable, []string{"d.csv line 3 has 3 fields, the first line has 2", "give each line as many"}},
	{"one column for an image", "d.csv", "x,y\n1,2\n", []graph.Tensor{testgraph.Tensor("x", graph.Float32, 8, 8, 1)}, dataset.ErrUnfit, []string{"x has 1 values in each example, the graph takes 8×8×1"}},
	{"a title", "d.csv", "x\n\na,b\n1,2\n", number[:1], dataset.ErrUnreadable, []string{"d.csv line 3 has 2 fields, the first line has 1", "begin the file with the line that names the columns"}},
	{"too few fields", "d.csv", "\r\nx,y\r\n1,2\r\n\r\n1\r\n", number, dataset.ErrUnreadable, []string{"d.csv line 5 has 1 field, the first line has 2"}},
	{"too few, quoted", "d.csv", "x,y\r\"1\",\"2\r\"\r\"1,2\"\r", number[:1], dataset.ErrUnreadable, []string{"d.csv line 4 has 1 field,"}},
	{"comma in a number", "d.csv", "x;y\n1,5;2\n", number, dataset.ErrUnfit, []string{"line 2: column x", `"1,5", a number with a comma`, "1.5"}},
	{"thousands", "d.csv", "x,y\n1,1\n\"1,000\",2\n", number, dataset.ErrUnfit, []string{"line 3: column x", `"1,000", a number with a comma`}},
	{"commas as delimiter and in numbers", "d.csv", "x\n1,5\n", number[:1], dataset.ErrUnreadable, []string{"line 2 has 2 fields, the first line has 1"}},
	{"underscore", "d.csv", "x,y\n1_000,2\n", number, dataset.ErrUnfit, []string{"line 2: column x", `text, "1_000"`}},
	{"hexadecimal", "d.csv", "x,y\n1,0x10\n", number, dataset.ErrUnfit, []string{"line 2: column y", `text, "0x10"`}},
	{"missing by name", "d.csv", "x,y\n1,2\nNA,3\n", number, dataset.ErrUnfit, []string{"line 3: column x has no value but NA"}},
	{"negative label", "d.csv", "x,y\n1,-1\n", number, dataset.ErrUnfit, []string{"line 2: column y has the value -1, the graph knows 0 to 9"}},
	{"Latin-1", "d.csv", "x,y\n1,f\xfcr\n", []graph.Tensor{testgraph.Tensor("y", graph.String)}, dataset.ErrUnreadable, []string{"line 2: column y is not UTF-8"}},
	{"names in Latin-1", "d.csv", "x,f\xfcr\n1,2\n", number, dataset.ErrUnreadable, []string{"line 1: it is not UTF-8"}},
	{"UTF-16 without a mark", "d.csv", utf16(binary.LittleEndian, "x,y\n1,2\n")[2:], number, dataset.ErrUnreadable, []string{"line 1", "zero bytes", "save the file as UTF-8"}},
	{"half a character of UTF-16", "d.csv", utf16(binary.BigEndian, "x,y\n1,2\n3,4\n") + "\xd8\x00\x00\x35", number, dataset.ErrUnreadable, []string{"line 4", "not UTF-16"}},
	{"half a character in a name", "d.csv", "\xff\xfea\x00,\x00\x00\xd8\n\x001\x00,\x002\x00", number, dataset.ErrUnreadable, []string{"line 1", "not UTF-16"}},
	{"half a byte pair of UTF-16", "d.csv", utf16(binary.LittleEndian, "x,y\n1,2\n3,4\n") + "5", number, dataset.ErrUnreadable, []string{"line 4", "not UTF-16"}},
	{"late in a large file", "d.csv", "x,y\n" + many + "\"\n\",3\n", number, dataset.ErrUnfit, []string{fmt.Sprintf("line %d: column x", dataset.ChunkBytes+2)}},
	{"bare quote", "d.csv", "x,y\n1,2\n1,2\"3\n", number, dataset.ErrUnfit, []string{"line 3: column y holds text"}},
	{"open quote", "d.csv", "x,y\n1,2\n\"1,2\n3,4\n5,6\n", number, dataset.ErrUnreadable, []string{"d.csv line 3: the quote that opens a field there is never closed"}},
	{"open quote after quotes", "d.csv", "x,y\r\n1,\"2\r\n\"\r\n3,\"\"\"4\r\n5,6\r\n", number[:1], dataset.ErrUnreadable, []string{"d.csv line 4: the quote"}},
	{"open quote in the header", "d.csv", "x,\"y\n1,2\n", number, dataset.ErrUnreadable, []string{"d.csv line 1: the quote"}},
	{"text after a quote", "d.csv", "x,y\n1,2\n\"a \"b\" c\",2\n", number, dataset.ErrUnreadable, []string{"d.csv line 3: text follows the quote that closes a field", "double quotes"}},
	{"blank before a quote", "d.csv", "x,y\n1, \"2\"\n", number, dataset.ErrUnreadable, []string{"d.csv line 2: a field begins with a blank and a quote"}},
	{"column twice", "d.csv", "x,x\n1,2\n", number, dataset.ErrUnreadable, []string{`columns 1 and 2 are both called "x"`}},
	{"other kind", "d.xlsx", "x", number, dataset.ErrUnreadable, []string{"d.xlsx is an Excel file", ".csv"}},
}

func TestFaults(t *testing.T) {
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			_, err := datatest.Open(t, c.file, c.content, c.tensors...)
			datatest.WantError(t, err, c.kind, c.words...)
		})
	}
}

func TestCutShort(t *testing.T) {
	_, err := datatest.Open(t, "d.csv.gz", datatest.Gzip(t, "x,y\n1,2\n3,4\n")[:30], number...)
	datatest.WantError(t, err, dataset.ErrUnreadable, "d.csv.gz is cut short")
}

func TestDamagedChecksum(t *testing.T) {
	packed := datatest.Gzip(t, "x,y\n1,2\n")
	_, err := datatest.Open(t, "d.csv.gz", packed[:len(packed)-8]+"\x00\x00\x00\x00"+packed[len(packed)-4:], number...)
	datatest.WantError(t, err, dataset.ErrUnreadable, "d.csv.gz is damaged (gzip: invalid checksum): copy the file again")
}
