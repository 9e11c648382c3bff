// Package columnar holds what formats of columns share: what their types hold, how
// values come into a column of a set, and what is said of damage.
package columnar

import (
	"fmt"
	"regexp"

	"github.com/apache/arrow-go/v18/arrow"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// numbers are the element types of Arrow's number types.
var numbers = map[arrow.Type]graph.DType{
	arrow.BOOL: graph.Bool,
	arrow.INT8: graph.Int8, arrow.INT16: graph.Int16, arrow.INT32: graph.Int32, arrow.INT64: graph.Int64,
	arrow.UINT8: graph.Uint8, arrow.UINT16: graph.Uint16, arrow.UINT32: graph.Uint32, arrow.UINT64: graph.Uint64,
	arrow.FLOAT16: graph.Float16, arrow.FLOAT32: graph.Float32, arrow.FLOAT64: graph.Float64,
	arrow.DECIMAL32: graph.Float64, arrow.DECIMAL64: graph.Float64, arrow.DECIMAL128: graph.Float64, arrow.DECIMAL256: graph.Float64,
}

// texts are Arrow's types of text and bytes.
var texts = map[arrow.Type]bool{
	arrow.STRING: true, arrow.LARGE_STRING: true, arrow.STRING_VIEW: true,
	arrow.BINARY: true, arrow.LARGE_BINARY: true, arrow.BINARY_VIEW: true, arrow.FIXED_SIZE_BINARY: true,
}

// Holds returns the element type that holds the values of a type, or why nothing is
// fed from a column of it, to follow "column x". Numbers with a decimal point are
// float64, and bytes of any kind are strings.
func Holds(dt arrow.DataType) (d graph.DType, unusable string) {
	switch dt := dt.(type) {
	case *arrow.DictionaryType:
		return Holds(dt.ValueType)
	case arrow.ExtensionType:
		return Holds(dt.StorageType())
	}
	switch id := dt.ID(); {
	case numbers[id] != "":
		return numbers[id], ""
	case texts[id]:
		return graph.String, ""
	}
	return "", Unread(dt.String(), dt)
}

// Unread says why nothing is fed from a column of a kind, which is of that type or has
// none in Arrow, to follow "column x".
func Unread(kind string, dt arrow.DataType) string {
	return fmt.Sprintf("is %s: %s", kind, instead(dt))
}

// instead says what to save in place of a column of a type that is not read.
func instead(dt arrow.DataType) string {
	switch dt.ID() {
	case arrow.NULL:
		return "it has no values, so fill it in or leave it out"
	case arrow.TIMESTAMP, arrow.DATE32, arrow.DATE64:
		return `save it as a number, as pd.to_datetime(column).astype("int64") makes one`
	case arrow.TIME32, arrow.TIME64, arrow.DURATION, arrow.INTERVAL_MONTHS, arrow.INTERVAL_DAY_TIME, arrow.INTERVAL_MONTH_DAY_NANO:
		return "save it as a number, such as that of its seconds"
	case arrow.MAP:
		return "save its keys and values as columns of their own"
	case arrow.LIST, arrow.LARGE_LIST, arrow.FIXED_SIZE_LIST:
		return "save lists of lists flat, of one length"
	case arrow.LIST_VIEW, arrow.LARGE_LIST_VIEW:
		return "save it as lists that follow one another"
	}
	return "save it as plain numbers or strings"
}

// indexNames are the names that pandas gives the numbers of rows.
var indexNames = regexp.MustCompile(`^__index_level_\d+__$`)

// Field describes a column of values of that type, or of lists of them.
func Field(name string, values arrow.DataType, list bool) dataset.Field {
	f := dataset.Field{Name: name, List: list, RowNumbers: indexNames.MatchString(name)}
	f.DType, f.Unusable = Holds(values)
	return f
}
