// The page, and below it its styles and modules.
export { GET } from '@/lib/http'
