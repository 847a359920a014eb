package local

import (
	"maps"
	"slices"
)

// A listIn is a Query or a Scan. A page ends by Limit alone, never by size.
type listIn struct {
	TableName string
	placeholders
	KeyConditionExpression *string // of Query
	ScanIndexForward       *bool   // of Query
	FilterExpression       *string
	ProjectionExpression   *string
	Limit                  *int
	ExclusiveStartKey      item
	Select                 string
}

type listOut struct {
	Items            []item `json:",omitzero"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey item `json:",omitempty"`
}

func (d *dynamoService) scan(_ call, in listIn) (listOut, error) {
	in.KeyConditionExpression, in.ScanIndexForward = nil, nil
	return d.list(in)
}

func (d *dynamoService) query(_ call, in listIn) (listOut, error) {
	if in.KeyConditionExpression == nil {
		return listOut{}, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return d.list(in)
}

func (d *dynamoService) list(in listIn) (out listOut, err error) {
	if err := in.resolve(); err != nil {
		return out, err
	}
	within, err := in.condition("KeyConditionExpression", in.KeyConditionExpression)
	if err != nil {
		return out, err
	}
	matches, err := in.condition("FilterExpression", in.FilterExpression)
	if err != nil {
		return out, err
	}
	project, err := in.projection(in.ProjectionExpression)
	if err != nil {
		return out, err
	}
	if err := in.unused(); err != nil {
		return out, err
	}
	start, err := normalItem(in.ExclusiveStartKey, 0)
	if err != nil {
		return out, err
	}
	if in.Limit != nil && *in.Limit < 1 {
		return out, invalid("1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return out, err
	}
	order := t.order
	if in.ScanIndexForward != nil && !*in.ScanIndexForward {
		order = func(a, b item) int { return t.order(b, a) }
	}
	if len(start) > 0 {
		if start, err = t.onlyKey(start); err != nil {
			return out, err
		}
	}
	out.Items = []item{}
	var last item
	for _, it := range slices.SortedFunc(maps.Values(t.items), order) {
		key, err := t.key(it)
		if err != nil {
			return out, err
		}
		if len(start) > 0 && order(it, start) <= 0 || !within(key) {
			continue
		}
		if in.Limit != nil && out.ScannedCount == *in.Limit {
			out.LastEvaluatedKey = last
			break
		}
		out.ScannedCount++
		last = key
		if matches(it) {
			out.Count++
			out.Items = append(out.Items, project(it))
		}
	}
	if in.Select == "COUNT" {
		out.Items = nil
	}
	return out, nil
}
