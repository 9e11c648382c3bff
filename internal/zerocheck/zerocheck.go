// Package zerocheck is for tests: it calls everything that a package exports with
// zero values, nil and little more, and reports what panics.
package zerocheck

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
)

// Run calls the functions, by name, and the methods of the values, of nil pointers
// and zero values of their types. A value is a pointer, and may be a closed one.
// Run fails where a call panics, or returns neither an error nor zero values; and
// where the package in dir exports a function, or a type with methods, that it was
// not given.
func Run(t *testing.T, dir string, functions map[string]any, values ...any) {
	t.Helper()
	types := make(map[string]bool)
	for _, v := range values {
		types[reflect.TypeOf(v).Elem().Name()] = true
	}
	for _, missing := range exported(t, dir, functions, types) {
		t.Errorf("%s is exported and not tried with zero values", missing)
	}
	for name, f := range functions {
		tryAll(t, name, reflect.ValueOf(f))
	}
	for _, v := range values {
		Methods(t, v)
		p := reflect.ValueOf(v)
		of := p.Type().Elem()
		for i := range p.NumMethod() {
			m := p.Type().Method(i)
			if m.Name == "MarshalJSON" { // a zero value has JSON too
				continue
			}
			name := of.Name() + "." + m.Name
			tryAll(t, name+" of a zero value", reflect.New(of).Method(i))
			if _, byValue := of.MethodByName(m.Name); !byValue {
				tryAll(t, name+" of nil", reflect.Zero(p.Type()).Method(i))
			}
		}
	}
}

// Methods calls the methods of one value, which v points to, with such arguments.
func Methods(t *testing.T, v any) {
	t.Helper()
	p := reflect.ValueOf(v)
	for i := range p.NumMethod() {
		name := p.Type().Elem().Name() + "." + p.Type().Method(i).Name
		for with, fill := range fillings {
			if _, problem := try(p.Method(i), fill); problem != "" {
				t.Errorf("%s with %s: %s", name, with, problem)
			}
		}
	}
}

// exported lists what the package exports beyond functions and types.
func exported(t *testing.T, dir string, functions map[string]any, types map[string]bool) (missing []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			if of := receiver(f); of == "" && functions[f.Name.Name] == nil {
				missing = append(missing, f.Name.Name)
			} else if ast.IsExported(of) && !types[of] {
				missing = append(missing, of+"."+f.Name.Name)
			}
		}
	}
	return missing
}

// receiver is the name of the type that a method belongs to; empty for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	for {
		switch t := of.(type) {
		case *ast.StarExpr:
			of = t.X
		case *ast.IndexExpr:
			of = t.X
		case *ast.Ident:
			return t.Name
		default:
			return "?"
		}
	}
}

const zeros = "zero values"

// fillings make one argument of a type each.
var fillings = map[string]func(reflect.Type) reflect.Value{
	zeros:      reflect.Zero,
	"little":   func(of reflect.Type) reflect.Value { return little(of, 1) },
	"negative": func(of reflect.Type) reflect.Value { return little(of, -1) },
}

// little is not nil where that can be helped.
func little(of reflect.Type, number int64) reflect.Value {
	switch of.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return reflect.ValueOf(number).Convert(of)
	case reflect.String:
		return reflect.ValueOf("none").Convert(of)
	case reflect.Pointer:
		return reflect.New(of.Elem())
	case reflect.Slice:
		return reflect.MakeSlice(of, 1, 1)
	case reflect.Interface:
		if ctx := reflect.ValueOf(context.Background()); ctx.Type().Implements(of) && of.NumMethod() > 0 {
			return ctx
		}
	case reflect.Func:
		return reflect.MakeFunc(of, func([]reflect.Value) (out []reflect.Value) {
			for i := range of.NumOut() {
				out = append(out, reflect.Zero(of.Out(i)))
			}
			return out
		})
	}
	return reflect.Zero(of)
}

func tryAll(t *testing.T, name string, f reflect.Value) {
	t.Helper()
	for with, fill := range fillings {
		out, problem := try(f, fill)
		if problem == "" && with == zeros {
			problem = judge(f.Type(), out)
		}
		if problem != "" {
			t.Errorf("%s with %s: %s", name, with, problem)
		}
	}
}

// try calls f, and ranges over the iterators that it returns. It says how that
// panics.
func try(f reflect.Value, fill func(reflect.Type) reflect.Value) (out []reflect.Value, problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprintf("it panics: %v\n%s", p, debug.Stack())
		}
	}()
	var in []reflect.Value
	for i := range f.Type().NumIn() {
		if f.Type().IsVariadic() && i == f.Type().NumIn()-1 {
			break
		}
		in = append(in, fill(f.Type().In(i)))
	}
	out = f.Call(in)
	for _, v := range out {
		if problem := iterate(v); problem != "" {
			return out, problem
		}
	}
	return out, ""
}

// judge says what is wrong with the results of zero values.
func judge(f reflect.Type, out []reflect.Value) (problem string) {
	if n := len(out); n > 1 && f.Out(n-1) == reflect.TypeFor[error]() && out[n-1].IsNil() {
		for _, v := range out[:n-1] {
			if !v.IsZero() && !(v.Kind() == reflect.Map && v.Len() == 0) {
				return fmt.Sprintf("it returns %v and no error", v)
			}
		}
	}
	return ""
}

// iterate ranges over an iterator, which must yield an error, if it yields any.
func iterate(v reflect.Value) (problem string) {
	if v.Kind() != reflect.Func || v.IsNil() || !v.Type().CanSeq2() {
		return ""
	}
	for first, second := range v.Seq2() {
		if err, ok := second.Interface().(error); second.Type() == reflect.TypeFor[error]() && (!ok || err == nil) {
			return fmt.Sprintf("it yields %v and no error", first)
		}
		break
	}
	return ""
}
