package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// randomRooms are where random mutants are made: what delivers and what parses.
var randomRooms = []string{"delivery", "devo", "account", "parsers"}

// elsewhere are packages of these that only tests with a build tag notice.
var elsewhere = []string{"account/senders"}

// A site is one place in a file where one thing can be changed.
type site struct {
	file     string
	from, to int // bytes of the file
	new      string
	what     string
}

// drawn returns n mutants drawn from all sites of the rooms, an equal share from
// each package. The same seed over the same tree returns the same ones.
func drawn(n int, seed uint64) ([]mutant, error) {
	byPackage, err := allSites()
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 0))
	packages := slices.Sorted(maps.Keys(byPackage))
	var all []mutant
	for i := 0; len(all) < n && len(packages) > 0; i++ {
		at := i % len(packages)
		sites := byPackage[packages[at]]
		if len(sites) == 0 {
			packages = slices.Delete(packages, at, at+1)
			continue
		}
		pick := r.IntN(len(sites))
		m, err := sites[pick].mutant(packages[at])
		if err != nil {
			return nil, err
		}
		all = append(all, m)
		byPackage[packages[at]] = slices.Delete(sites, pick, pick+1)
	}
	return all, nil
}

// mutant is the site's change, in the terms of the file's text around it.
func (s site) mutant(pkg string) (mutant, error) {
	source, err := os.ReadFile(s.file)
	if err != nil {
		return mutant{}, err
	}
	text := string(source)
	line := 1 + strings.Count(text[:s.from], "\n")
	return mutant{
		name: fmt.Sprintf("%s:%d %s", s.file, line, s.what), file: s.file, pkg: "./" + pkg,
		changed: text[:s.from] + s.new + text[s.to:], line: lineAround(text, s.from, s.to) + " => " + s.new,
	}, nil
}

// lineAround is the text of the lines that hold text[from:to], its white space
// folded: it names a place for as long as those lines stay.
func lineAround(text string, from, to int) string {
	begin := strings.LastIndexByte(text[:from], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[to:], '\n'); i >= 0 {
		end = to + i
	}
	return strings.Join(strings.Fields(text[begin:end]), " ")
}

func allSites() (map[string][]site, error) {
	byPackage := make(map[string][]site)
	for _, room := range randomRooms {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				slices.Contains(elsewhere, filepath.Dir(path)) {
				return err
			}
			found, err := sitesOf(path)
			byPackage[filepath.Dir(path)] = append(byPackage[filepath.Dir(path)], found...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return byPackage, nil
}

// sitesOf are the places of one file that can be changed, in their order.
func sitesOf(path string) (found []site, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text := func(n ast.Node) string {
		return string(source[set.Position(n.Pos()).Offset:set.Position(n.End()).Offset])
	}
	add := func(pos token.Pos, length int, new, what string) {
		at := set.Position(pos).Offset
		found = append(found, site{path, at, at + length, new, what})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			for _, op := range swaps[n.Op] {
				add(n.OpPos, len(n.Op.String()), op.String(), n.Op.String()+" becomes "+op.String())
			}
		case *ast.IfStmt:
			add(n.Cond.Pos(), len(text(n.Cond)), "!("+text(n.Cond)+")", "condition negated")
		case *ast.CaseClause:
			for _, e := range n.List {
				if _, compared := e.(*ast.BinaryExpr); compared {
					add(e.Pos(), len(text(e)), "!("+text(e)+")", "case negated")
				}
			}
		case *ast.IncDecStmt:
			add(n.TokPos, 2, map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok], n.Tok.String()+" reversed")
		case *ast.BasicLit:
			if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil && n.Kind == token.INT {
				add(n.Pos(), len(n.Value), strconv.FormatInt(i+1, 10), n.Value+" becomes one more")
			}
		case *ast.Ident:
			if flipped := map[string]string{"true": "false", "false": "true"}[n.Name]; flipped != "" {
				add(n.Pos(), len(n.Name), flipped, n.Name+" becomes "+flipped)
			}
		case *ast.ReturnStmt:
			if last := len(n.Results) - 1; last >= 0 && text(n.Results[last]) == "err" {
				add(n.Results[last].Pos(), len("err"), "nil", "error not returned")
			}
		case *ast.ExprStmt:
			if _, call := n.X.(*ast.CallExpr); call {
				add(n.Pos(), len(text(n)), "", "call left out")
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				add(n.Pos(), len(text(n)), "", "assignment left out")
			}
		}
		return true
	})
	return found, nil
}

// swaps are what an operator can become.
var swaps = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD},
	token.MUL: {token.QUO}, token.QUO: {token.MUL},
	token.AND: {token.OR}, token.OR: {token.AND},
	token.SHL: {token.SHR}, token.SHR: {token.SHL},
}
