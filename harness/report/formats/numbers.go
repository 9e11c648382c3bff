package formats

import (
	"maps"
	"math"
	"slices"
	"strconv"
)

// finite reports whether a format without null can hold v.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// number formats v so that reading it gives v again.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// cell formats v; it is empty where v is not finite.
func cell(v float64) string {
	if !finite(v) {
		return ""
	}
	return number(v)
}

// known is cell where there is a value.
func known(v float64, ok bool) string {
	if !ok {
		return ""
	}
	return cell(v)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
