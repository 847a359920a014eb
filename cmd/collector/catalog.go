package main

import (
	"cmp"
	"slices"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/operate"
	"github.com/devo-s3/collector/sources"
)

// A shelf is services whose sample objects fit into one bucket: the first
// service whose keys match is the right one, and no two objects have the same
// key.
type shelf struct {
	services []string
	set      sources.Set
	objects  []*workload.Object
}

// shelve spreads the services of the sample objects over as few buckets as
// will do, nearly.
func shelve(samples []*workload.Object) ([]*shelf, error) {
	byService := make(map[string][]*workload.Object)
	for _, o := range samples {
		byService[o.Service] = append(byService[o.Service], o)
	}
	var set sources.Set
	for name := range byService {
		s, err := operate.Service(name)
		if err != nil {
			return nil, err
		}
		set = append(set, s)
	}
	// The more a service asks, the more keys its patterns take.
	slices.SortFunc(set, func(a, b *sources.Source) int {
		return cmp.Or(cmp.Compare(len(a.Definition().Asks), len(b.Definition().Asks)), cmp.Compare(a.Name(), b.Name()))
	})
	var shelves []*shelf
	for _, s := range set {
		objects := byService[s.Name()]
		i := slices.IndexFunc(shelves, func(sh *shelf) bool { return sh.fits(objects) })
		if i < 0 {
			i = len(shelves)
			shelves = append(shelves, &shelf{})
		}
		sh := shelves[i]
		for _, o := range objects {
			o.Bucket = stack.ShelfBucket(i)
		}
		sh.services, sh.set, sh.objects = append(sh.services, s.Name()), append(sh.set, s), append(sh.objects, objects...)
	}
	return shelves, nil
}

// fits tells whether another service's objects go to none of those that are
// there.
func (sh *shelf) fits(objects []*workload.Object) bool {
	return !slices.ContainsFunc(objects, func(o *workload.Object) bool {
		_, taken := sh.set.Match(o.Key)
		return taken
	})
}

// services are those of each shelf.
func services(shelves []*shelf) (all [][]string) {
	for _, sh := range shelves {
		all = append(all, sh.services)
	}
	return all
}
