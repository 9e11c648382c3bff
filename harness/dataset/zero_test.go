package dataset

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"epochtime/harness/graph"
)

// zeroCalls calls every exported function of the package with zero values.
var zeroCalls = map[string]func(){
	"New":        func() { _, _ = New("") },
	"Of":         func() { _, _ = New("", Of[float32]("", nil, nil)) },
	"Raw":        func() { _, _ = New("", Raw("", "", nil, nil)) },
	"Texts":      func() { _, _ = New("", Texts("", nil, nil)) },
	"Images":     func() { _, _ = New("", Images("", "", nil, nil)) },
	"Ragged":     func() { _, _ = New("", Ragged(Column{}, nil)) },
	"Windows":    func() { _, _ = New("", Windows(Column{}, 0, 0)) },
	"First":      func() { _, _ = New("", First(Column{}, 0)) },
	"NewStream":  func() { _, _ = NewStream("", nil) },
	"Synthetic":  func() { _, _ = Synthetic(nil, 0, 0); _, _ = Synthetic(nil, 1, 0) },
	"Errorf":     func() { _ = Errorf(nil, nil, "").Error() },
	"Mark":       func() { _ = Mark(nil) },
	"NewBuilder": func() { _, _ = NewBuilder(nil, "", 0).Open("") }, //nolint:staticcheck // nil is what is tested
	"NewSink":    func() { _ = NewSink(graph.Tensor{}).String() },
	"ReadError":  func() { _ = ReadError("", nil) },
	"Roles": func() {
		_, _ = Roles(Request{}, nil, nil)
		_, _ = Roles(Request{Tensors: make([]graph.Tensor, 2)}, nil, nil)
	},
	"Unclear":        func() { _ = Unclear(Request{}, nil, "") },
	"Finite":         func() { _ = Finite(0) },
	"ParseNumber":    func() { _, _, _ = ParseNumber("") },
	"ParseImageSize": func() { _, _ = ParseImageSize("") },
	"SplitSource":    func() { _, _, _ = SplitSource("") },
	"HasEnding":      func() { _ = HasEnding("", nil) },
	"TokenKinds":     func() { _ = TokenKinds() },
}

// zeroTypes are the exported types with methods. Each method is called on the zero
// value and on a nil pointer, with zero arguments.
var zeroTypes = map[string]any{
	"Set": &Set{}, "Column": &Column{}, "Stream": &Stream{}, "Builder": &Builder{}, "Sink": &Sink{}, "Part": &Part{},
	"Tables": &Tables{}, "Choice": &Choice{},
}

// exported lists the exported functions of the package and the exported types that
// have exported methods.
func exported(t *testing.T) (functions, types map[string]bool) {
	t.Helper()
	functions, types = map[string]bool{}, map[string]bool{}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			if f.Recv == nil {
				functions[f.Name.Name] = true
				continue
			}
			of := f.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if name := of.(*ast.Ident).Name; ast.IsExported(name) {
				types[name] = true
			}
		}
	}
	return functions, types
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

func TestZeroValuesDoNotPanic(t *testing.T) {
	functions, types := exported(t)
	if len(functions) < 10 || len(types) < 5 {
		t.Fatalf("only %v and %v were found", functions, types)
	}
	for name := range functions {
		call, ok := zeroCalls[name]
		if !ok {
			t.Errorf("%s is not called with zero values: add it to zeroCalls", name)
			continue
		}
		quiet(t, name, call)
	}
	for name := range types {
		zero, ok := zeroTypes[name]
		if !ok {
			t.Errorf("the methods of %s are not called: add it to zeroTypes", name)
			continue
		}
		pointer := reflect.TypeOf(zero)
		fromValue := pointer.Elem()
		for i := range pointer.NumMethod() {
			m := pointer.Method(i)
			receivers := []reflect.Value{reflect.New(pointer.Elem())}
			if _, byValue := fromValue.MethodByName(m.Name); !byValue {
				receivers = append(receivers, reflect.Zero(pointer))
			}
			for _, r := range receivers {
				args := []reflect.Value{r}
				for k := 1; k < m.Type.NumIn(); k++ {
					args = append(args, reflect.Zero(m.Type.In(k)))
				}
				quiet(t, name+"."+m.Name, func() { exhaust(m.Func.Call(args)) })
			}
		}
	}
}

// exhaust goes through an iterator that a method returned.
func exhaust(results []reflect.Value) {
	for _, r := range results {
		if r.Kind() == reflect.Func && !r.IsNil() && r.Type().CanSeq2() {
			for range r.Seq2() {
			}
		}
	}
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
	_, err := b.Open("nowhere")
	wantError(t, err, fs.ErrNotExist, "nowhere")
	wantError(t, err, ErrUnreadable)
	_, err = b.List("nowhere")
	wantError(t, err, fs.ErrNotExist, "nowhere")
	wantError(t, err, ErrUnreadable)
}
