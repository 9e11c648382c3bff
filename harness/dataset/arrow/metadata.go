package arrow

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	flatbuffers "github.com/google/flatbuffers/go"

	"epochtime/harness/dataset/columnar"
)

// The library believes what metadata claims of its own size. What follows compares
// each length in it with the bytes that there are, as FlatBuffers' verifiers do in
// other languages. Slots are those of Arrow's format/*.fbs.

// shape says where a kind of table has parts of variable size, by slot.
type shape struct {
	vectors map[int]int    // of elements of so many bytes
	tables  map[int]*shape // one table
	lists   map[int]*shape // a vector of tables
	union   int            // the slot of the type of a union whose vector in slot 1 has elements of 4 bytes where that is unionType
}

// unionType is the number of Arrow's type of unions.
const unionType = 14

var (
	keyValue = &shape{vectors: map[int]int{0: 1, 1: 1}}
	field    = &shape{vectors: map[int]int{0: 1}, lists: map[int]*shape{6: keyValue}, union: 2}
	schema   = &shape{lists: map[int]*shape{1: field, 2: keyValue}, vectors: map[int]int{3: 8}}
	batch    = &shape{vectors: map[int]int{1: 16, 2: 16, 4: 8}}
	coded    = &shape{tables: map[int]*shape{1: batch}}
	message  = &shape{lists: map[int]*shape{4: keyValue}}
	footer   = &shape{tables: map[int]*shape{1: schema}, vectors: map[int]int{2: blockBytes, 3: blockBytes}, lists: map[int]*shape{4: keyValue}}
	headers  = map[ipc.MessageType]*shape{ipc.MessageSchema: schema, ipc.MessageDictionaryBatch: coded, ipc.MessageRecordBatch: batch}
)

func init() { field.lists[5] = field } // its children

var errClaims = errors.New("its metadata claims more than there is")

// maxDepth is how deep tables are nested, in each other at most.
const maxDepth = 128

// verifier verifies tables. It panics where they are damaged.
type verifier struct{ left int } // tables that may still be looked at

func slot(n int) flatbuffers.VOffsetT { return flatbuffers.VOffsetT(4 + 2*n) }

func (v *verifier) table(t flatbuffers.Table, s *shape, depth int) {
	if v.left--; v.left < 0 || depth > maxDepth {
		panic(errClaims)
	}
	for n, size := range s.vectors {
		vector(t, n, size)
	}
	for n, sub := range s.tables {
		if inner, ok := tableIn(t, n); ok {
			v.table(inner, sub, depth+1)
		}
	}
	for n, sub := range s.lists {
		start, count := vector(t, n, 4)
		for i := range count {
			v.table(flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(start + flatbuffers.UOffsetT(4*i))}, sub, depth+1)
		}
	}
	if s.union > 0 && t.GetByteSlot(slot(s.union), 0) == unionType {
		if inner, ok := tableIn(t, s.union+1); ok {
			vector(inner, 1, 4)
		}
	}
}

// tableIn returns the table in a slot.
func tableIn(t flatbuffers.Table, n int) (flatbuffers.Table, bool) {
	at := flatbuffers.UOffsetT(t.Offset(slot(n)))
	if at == 0 {
		return t, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + at)}, true
}

// vector returns where the vector in a slot begins, and its length.
func vector(t flatbuffers.Table, n, size int) (start flatbuffers.UOffsetT, count int) {
	at := flatbuffers.UOffsetT(t.Offset(slot(n)))
	if at == 0 {
		return 0, 0
	}
	start, count = t.Vector(at), t.VectorLen(at)
	if count < 0 || int64(start)+int64(count)*int64(size) > int64(len(t.Bytes)) {
		panic(errClaims)
	}
	return start, count
}

// root returns the table that bytes begin with, verified.
func root(b []byte, s *shape) (flatbuffers.Table, *verifier) {
	t := flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}
	v := &verifier{left: len(b)}
	v.table(t, s, 0)
	return t, v
}

// head is what the metadata of a message says.
type head struct {
	kind  ipc.MessageType
	body  int64 // bytes
	rows  int64 // of a batch
	id    int64 // of a dictionary
	views int   // columns whose number of buffers a batch says
	needs needs // of a schema
}

// needs are the columns of views, of text or bytes, in batches and in dictionaries by
// their id. The library does not look whether a batch says of each how many buffers it
// has.
type needs struct {
	batch        int
	dictionaries map[int64]int
}

// lacks reports whether a batch says too little for a schema.
func (n needs) lacks(h head) bool {
	if h.kind == ipc.MessageDictionaryBatch {
		return h.views < n.dictionaries[h.id]
	}
	return h.views < n.batch
}

// The numbers of Arrow's types of views.
const (
	binaryView = 23
	stringView = 24
)

// fields counts the views in batches among the fields in a slot, and notes those in
// dictionaries.
func (n *needs) fields(t flatbuffers.Table, in int) (count int) {
	start, fields := vector(t, in, 4)
	for i := range fields {
		f := flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(start + flatbuffers.UOffsetT(4*i))}
		views := 0
		if kind := f.GetByteSlot(slot(2), 0); kind == binaryView || kind == stringView {
			views++
		}
		views += n.fields(f, 5)
		if d, coded := tableIn(f, 4); coded {
			id := d.GetInt64Slot(slot(0), 0)
			n.dictionaries[id], views = max(n.dictionaries[id], views), 0
		}
		count += views
	}
	return count
}

// readHead verifies the metadata of a message.
func readHead(meta []byte) (h head, err error) {
	defer columnar.Contain(&err, nil)
	t, v := root(meta, message)
	h = head{kind: ipc.MessageType(t.GetByteSlot(slot(1), 0)), body: t.GetInt64Slot(slot(3), 0)}
	inner, ok := tableIn(t, 2)
	s := headers[h.kind]
	if h.body < 0 {
		return h, errClaims
	}
	if !ok || s == nil {
		return h, fmt.Errorf("it has a message of type %s", h.kind)
	}
	v.table(inner, s, 1)
	switch h.kind {
	case ipc.MessageSchema:
		h.needs.dictionaries = make(map[int64]int)
		h.needs.batch = h.needs.fields(inner, 1)
		return h, nil
	case ipc.MessageDictionaryBatch:
		h.id = inner.GetInt64Slot(slot(0), 0)
		if inner, ok = tableIn(inner, 1); !ok {
			return h, errClaims
		}
	}
	if err := h.batch(inner); err != nil || h.rows < 0 {
		return h, errClaims
	}
	return h, nil
}

// batch reads what a batch says of itself.
func (h *head) batch(t flatbuffers.Table) error {
	h.rows = t.GetInt64Slot(slot(0), 0)
	_, buffers := vector(t, 2, 16)
	counts, n := vector(t, 4, 8)
	h.views = n
	for i := range n {
		if k := t.GetInt64(counts + flatbuffers.UOffsetT(8*i)); k < 0 || k > int64(buffers) {
			return errClaims
		}
	}
	return nil
}

// block is where a message is in a file.
type block struct {
	offset int64
	meta   int32 // bytes, with the message's mark and size before them
	body   int64 // bytes
}

const blockBytes = 24

// readFooter verifies a footer, and returns where the dictionaries and then the record
// batches are.
func readFooter(b []byte) (blocks []block, err error) {
	defer columnar.Contain(&err, nil)
	t, _ := root(b, footer)
	for _, n := range []int{2, 3} {
		start, count := vector(t, n, blockBytes)
		for i := range count {
			at := start + flatbuffers.UOffsetT(blockBytes*i)
			blocks = append(blocks, block{t.GetInt64(at), t.GetInt32(at + 8), t.GetInt64(at + 16)})
		}
	}
	return blocks, nil
}
