"""Pages of copyright: titles and what is counted for them, what stands beyond the limit, royalties, reports."""
