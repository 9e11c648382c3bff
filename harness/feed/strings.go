package feed

import (
	"slices"

	"epochtime/harness/graph"
	"epochtime/internal/tstring"
)

// texts writes the strings of the examples from first to before last into dst:
// their records, and behind them what is too long for those. Sequences are
// padded with empty strings, and cut at length.
func (c *column) texts(dst []byte, order []int32, first, last, length int) {
	each := c.size1 / graph.String.Size()
	record, place := 0, c.size(last-first, length)
	for i := first; i < last; i++ {
		from, to := c.data.RowRange(at(order, i), at(order, i)+1)
		end := record + each
		if c.data.Ragged() {
			to, end = min(to, from+length), record+each*length
		}
		for k := from * each; k < to*each; k++ {
			place = tstring.Put(dst, record, place, c.data.Text(k))
			record++
		}
		clear(dst[record*graph.String.Size() : end*graph.String.Size()])
		record = end
	}
}

// textRoom is what the strings of any batch take behind their records: of
// examples in order, or of those that take most.
func (c *column) textRoom(examples, batch int, shuffle bool) int {
	each := c.size1 / graph.String.Size()
	sizes := make([]int, examples)
	for i := range sizes {
		from, to := c.data.RowRange(i, i+1)
		for k := from * each; k < to*each; k++ {
			sizes[i] += tstring.Room(c.data.TextSize(k))
		}
	}
	if shuffle {
		slices.SortFunc(sizes, func(a, b int) int { return b - a })
		sizes = sizes[:batch]
	}
	most := 0
	for part := range slices.Chunk(sizes, batch) {
		sum := 0
		for _, n := range part {
			sum += n
		}
		most = max(most, sum)
	}
	return most
}
