package dataset

import (
	"sync"

	"epochtime/harness/graph"
)

// Part is a run of examples of one column, as a decoder leaves them.
type Part struct {
	Examples int
	Missing  int     // examples without a value, which a survey leaves out
	Data     []byte  // elements, aligned for their type, or the bytes of strings
	Ends     []int   // of strings: where each ends in Data
	Lengths  []int   // elements of each example; none: one for each field of the column
	Placed   bool    // Data is in the room that Sink.Reserve gave
	Ahead    float64 // how much of the column follows, in parts as large as this one, as far as that is known; it saves copies
	Refused  error   // why the column cannot be read from here on: ErrUnfit or ErrUnreadable; what else the part holds does not count

	again bool // NewPart made it, and no column has it yet
}

// spare are those whose values a column has. To bring in new memory takes longer
// than to write values there.
var spare = sync.Pool{New: func() any { return new(Part) }}

// NewPart returns an empty part, whose memory is used again for others once a column
// has its values.
func NewPart() *Part {
	p := spare.Get().(*Part)
	*p = Part{Data: p.Data[:0], Ends: p.Ends[:0], Lengths: p.Lengths[:0], again: true}
	return p
}

// recycle takes back a part of NewPart.
func (p *Part) recycle() {
	if p.again {
		p.again = false
		spare.Put(p)
	}
}

// Skip leaves out the last example, which has no value. It is for surveys.
func (p *Part) Skip() {
	if p != nil {
		p.Examples--
		p.Missing++
	}
}

// Room appends n zero bytes to Data and returns them.
func (p *Part) Room(n int) []byte {
	if p == nil || n < 0 {
		return nil
	}
	at := len(p.Data)
	if at+n > cap(p.Data) {
		larger := graph.Allocate(max(2*cap(p.Data), at+n))
		p.Data = larger[:copy(larger, p.Data)]
	}
	p.Data = p.Data[:at+n]
	clear(p.Data[at:])
	return p.Data[at:]
}

// AddText appends a string.
func (p *Part) AddText(text []byte) {
	if p != nil {
		p.Data = append(p.Data, text...)
		p.Ends = append(p.Ends, len(p.Data))
	}
}

// copyTo appends the examples from first to before last to a part. Lengths are in
// rows.
func (c *Column) copyTo(p *Part, first, last int) {
	p.Examples += last - first
	if c.offsets != nil {
		for i := first; i < last; i++ {
			p.Lengths = append(p.Lengths, c.offsets[i+1]-c.offsets[i])
		}
	}
	if c.bounds == nil {
		rows := c.Rows(first, last)
		copy(p.Room(len(rows)), rows)
		return
	}
	first, last = c.rows(first, last)
	n := graph.Count(c.shape)
	for k := first * n; k < last*n; k++ {
		p.AddText(c.Text(k))
	}
}
