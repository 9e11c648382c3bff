package parquet

import (
	"errors"
	"fmt"
	"sync"

	pqfile "github.com/apache/arrow-go/v18/parquet/file"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/columnar"
)

// rowGroup is a row group, whose columns are decoded side by side into its parts.
type rowGroup struct {
	*pqfile.RowGroupReader
	parts []*dataset.Part

	mu sync.Mutex
	by map[*dataset.Part]int // refused parts, by the field that was
}

// rowGroup opens row group i.
func (p *file) rowGroup(i int) (*rowGroup, error) {
	g := &rowGroup{RowGroupReader: p.RowGroup(i), by: make(map[*dataset.Part]int)}
	n := g.NumRows()
	if n < 0 || n > p.largest {
		return nil, p.damaged(fmt.Errorf("a row group claims %d rows", n))
	}
	for range p.sinks {
		g.parts = append(g.parts, &dataset.Part{Examples: int(n)})
	}
	return g, nil
}

// refuse notes why a chunk's column is of no use, if it is: of several fields of one
// part, the first one counts. It returns err where the whole file is of no use.
func (g *rowGroup) refuse(c *chunk, err error) error {
	if err == nil || errors.Is(err, columnar.ErrDamaged) {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if by, refused := g.by[c.Part]; !refused || c.Field < by {
		g.by[c.Part], c.Part.Refused = c.Field, err
	}
	return nil
}

// refused reports whether a chunk's column is of no use.
func (g *rowGroup) refused(c *chunk) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return c.Part.Refused != nil
}
