package local

// maxBatchGet is how many items one BatchGetItem may ask for.
const maxBatchGet = 100

type batchGetIn struct {
	RequestItems map[string]struct {
		Keys []item
		placeholders
		ProjectionExpression *string
	}
}

type batchGetOut struct {
	Responses       map[string][]item
	UnprocessedKeys struct{} // the answer is always whole
}

func (d *dynamoService) batchGetItem(c call, in batchGetIn) (out batchGetOut, err error) {
	n := 0
	out.Responses = make(map[string][]item)
	for name, of := range in.RequestItems {
		out.Responses[name] = []item{}
		asked := make(map[string]bool)
		for _, key := range of.Keys {
			if n++; n > maxBatchGet {
				return batchGetOut{}, invalid("Too many items requested for the BatchGetItem call")
			}
			got, err := d.getItem(c, itemIn{TableName: name, Key: key, placeholders: of.placeholders, ProjectionExpression: of.ProjectionExpression})
			if err != nil {
				return batchGetOut{}, err
			}
			d.mu.Lock()
			place := d.tables[name].place(key) // getItem has checked both
			d.mu.Unlock()
			if asked[place] {
				return batchGetOut{}, invalid("Provided list of item keys contains duplicates")
			}
			asked[place] = true
			if got.Item != nil {
				out.Responses[name] = append(out.Responses[name], got.Item)
			}
		}
	}
	if n == 0 {
		return batchGetOut{}, invalid("The requestItems parameter is required for BatchGetItem")
	}
	return out, nil
}
