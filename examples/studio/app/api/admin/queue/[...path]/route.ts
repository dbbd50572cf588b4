export { GET, POST, PUT } from '@/lib/http'
